"""What makes a host itself: name, address, keys, and where it finds images and packages."""

from __future__ import annotations

import resource
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.lab import base
from tests.lab.command import run
from tests.lab.machine import hard_limit, lacks_resource_capability
from tests.lab.settings import Settings

SHARED_IMAGES = "/var/lib/shared-images"
HOST_KEY = "etc/ssh/ssh_host_ed25519_key"
# A golden state must not carry these on to the hosts made from it.
PATHS = (
    "etc/hostname",
    "etc/machine-id",
    "etc/hosts",
    "etc/lab-net.conf",
    "etc/resolv.conf",
    HOST_KEY,
    f"{HOST_KEY}.pub",
    "etc/containers/registries.conf.d/lab.conf",
    "etc/apt/apt.conf.d/01lab",
    "var/log/journal",
    "var/lib/systemd/random-seed",
)
# No device rules can be loaded here, so no cgroup manager.
CRUN = """#!/bin/bash
a=(); for x in "$@"; do [ "$x" = --systemd-cgroup ] || a+=("$x"); done
exec /usr/bin/crun --cgroup-manager=disabled "${a[@]}"
"""


def write(settings: Settings, up: Path, name: str, address: str) -> None:
    """Write a host's identity into its writable directory `up`, which must not be mounted at the time."""
    _put(up, "etc/hostname", f"{name}\n")
    _put(up, "etc/machine-id", f"{secrets.token_hex(16)}\n")
    _put(up, "etc/hosts", f"127.0.0.1 localhost\n{address} {name}\n")
    _put(up, "etc/lab-net.conf", f"ADDRESS={address}\nGATEWAY={settings.gateway}\n")
    _put(up, "etc/resolv.conf", "")
    _put(up, "etc/apt/apt.conf.d/01lab", f'Acquire::http::Proxy "http://{settings.gateway}:3142";\n')
    _put(up, "etc/containers/registries.conf.d/lab.conf", registries(settings))
    if lacks_resource_capability():
        _put(up, "usr/local/bin/crun", CRUN, 0o755)
        _put(up, "etc/containers/containers.conf", _containers())
    _authorize(settings, up)
    if not (up / HOST_KEY).exists():
        (up / "etc/ssh").mkdir(parents=True, exist_ok=True)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", up / HOST_KEY)


def share_images(up: Path) -> None:
    """Let podman on the host find the image layers that are bound to SHARED_IMAGES."""
    _put(
        up,
        "etc/containers/storage.conf",
        '[storage]\ndriver = "overlay"\ngraphroot = "/var/lib/containers/storage"\n'
        'runroot = "/run/containers/storage"\n\n[storage.options]\n'
        f'additionalimagestores = ["{SHARED_IMAGES}"]\n',
    )


def registries(settings: Settings) -> str:
    """
    The registries.conf that answers every public name from the lab's registry.

    `location`, not a mirror: an image that is missing there is missing, and nothing asks the real name.
    """
    return "\n".join(
        f'[[registry]]\nprefix = "{name}"\nlocation = "{settings.registry}"\ninsecure = true\n'
        for name in ("docker.io", "quay.io")
    )


def known_hosts(entries: Iterable[tuple[str, str, Path]]) -> str:
    """The known_hosts file of hosts given as name, address and file of the public host key."""
    lines = []
    for name, address, key in entries:
        public = key.read_text().split()
        lines.append(f"{name},{address} {public[0]} {public[1]}\n")
    return "".join(lines)


def ensure_key(settings: Settings) -> None:
    """Make the key pair that opens every host, once."""
    if not settings.key.exists():
        settings.directory.mkdir(parents=True, exist_ok=True)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", settings.key)


def _authorize(settings: Settings, up: Path) -> None:
    for home, owner in (("root", 0), ("home/ops", base.OPS)):
        ssh = up / home / ".ssh"
        ssh.mkdir(parents=True, exist_ok=True)
        ssh.chmod(0o700)
        shutil.copy(f"{settings.key}.pub", ssh / "authorized_keys")
        for path in (ssh, ssh / "authorized_keys"):
            shutil.chown(path, owner, owner)
    (up / "root").chmod(0o700)
    (up / "home/ops").chmod(0o755)
    shutil.chown(up / "home/ops", base.OPS, base.OPS)


def _containers() -> str:
    """podman's limits must not exceed the machine's hard ones, which nothing can raise here."""
    memlock = hard_limit(resource.RLIMIT_MEMLOCK, 8 << 20)
    files = hard_limit(resource.RLIMIT_NOFILE, 20000)
    # podman itself lowers nproc to this for what it starts.
    processes = hard_limit(resource.RLIMIT_NPROC, 32768)
    limits = f'["memlock={memlock}:{memlock}","nofile={files}:{files}","nproc={processes}:{processes}"]'
    return (
        f"[containers]\ndefault_ulimits = {limits}\npids_limit = 0\n\n"
        '[engine]\nruntime = "crun"\n\n[engine.runtimes]\ncrun = ["/usr/local/bin/crun"]\n'
    )


def _put(root: Path, path: str, text: str, mode: int = 0o644) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
