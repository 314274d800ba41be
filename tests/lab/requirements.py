"""What the machine must bring: Linux, root, and a few Debian packages."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests.lab.command import run
from tests.lab.errors import LabError
from tests.lab.lock import locked

APT = Path("/run/lock/cutover-lab-apt")
"""Held by whoever installs packages on the machine: labs begin side by side."""

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
    packages = missing()
    if not packages:
        return
    if not shutil.which("apt-get"):
        raise LabError(f"the lab needs these Debian packages or their like: {' '.join(packages)}")
    with locked(APT, "the machine's package manager", 1200):
        install(*missing())


def install(*packages: str, recommended: bool = True) -> None:
    """Install Debian packages on the machine; called while `APT` is held, as apt's own locks do not all wait."""
    if packages:
        noninteractive = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        patient = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600")
        run(*patient, "update", timeout=300, environment=noninteractive)
        options = () if recommended else ("--no-install-recommends",)
        run(*patient, "-y", "install", *options, *packages, timeout=900, environment=noninteractive)
