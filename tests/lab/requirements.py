"""What the machine must bring: Linux, root, and a few Debian packages."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.lab.command import run
from tests.lab.errors import LabError
from tests.lab.lock import locked

PACKAGES = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "podman": "podman",
    "crun": "crun",
    "ip": "iproute2",
    "nft": "nftables",
    "ssh": "openssh-client",
    "rsync": "rsync",
    "mkfs.ext4": "e2fsprogs",
    "zstd": "zstd",
    "sipp": "sip-tester",
    "pg_restore": "postgresql-client",
}

INSTALLING = Path("/run/lock/cutover-lab-packages")
LIMIT = 900.0
"""Seconds for which somebody else's installation is waited for."""


def missing() -> list[str]:
    """Packages whose program is not found on the machine."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return sorted(package for program, package in PACKAGES.items() if not shutil.which(program, path=path))


def refuse() -> None:
    """Raise LabError with the reason if nothing that could be installed makes this machine carry a lab."""
    if not sys.platform.startswith("linux"):
        raise LabError("the lab boots Linux hosts by namespaces of the kernel: it needs a Linux machine")
    if os.geteuid() != 0:
        raise LabError("the lab makes namespaces, mounts and cgroups: start it as root")


def ensure() -> None:
    """Install what is missing; raises LabError with the reason if this machine cannot carry a lab."""
    refuse()
    if missing():
        install(missing)


def install(lacking: Callable[[], Sequence[str]], *options: str) -> None:
    """
    Install the Debian packages that `lacking` returns; raises LabError if that cannot be.

    Labs that begin side by side lack the same: it is asked when nobody else installs any more.
    """
    with locked(INSTALLING, "installing Debian packages", LIMIT):
        packages = lacking()
        if not packages:
            return
        if not shutil.which("apt-get"):
            raise LabError(f"the lab needs these Debian packages or their like: {' '.join(packages)}")
        noninteractive = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run("apt-get", "-qq", "update", timeout=300, environment=noninteractive)
        patient = f"DPkg::Lock::Timeout={LIMIT:.0f}"
        command = ("apt-get", "-qq", "-y", "-o", patient, "install", *options, *packages)
        run(*command, timeout=2 * LIMIT, environment=noninteractive)
