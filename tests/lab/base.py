"""The read-only file system under every host: a minimal Debian 12 with systemd and sshd, without podman."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.lab.command import run
from tests.lab.fingerprint import fingerprint
from tests.lab.machine import mirror
from tests.lab.settings import Settings

ROOTFS = Path(__file__).parent / "rootfs"
SUITE = "bookworm"
PACKAGES = (
    "systemd,systemd-sysv,dbus,openssh-server,iproute2,iputils-ping,python3-minimal,sudo,ca-certificates,curl,"
    "rsync,cron,nftables,procps,less,kmod,netbase,tzdata"
)
# Timers and services that would make a host busy by itself.
MASKED = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "console-getty.service",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty@.service",
    "man-db.timer",
    "podman-auto-update.timer",
    "systemd-networkd-wait-online.service",
)
OPS = 1000


def key() -> str:
    """The fingerprint of this recipe."""
    return fingerprint(files=[Path(__file__), *(file for file in ROOTFS.rglob("*") if file.is_file())])


def path(settings: Settings) -> Path:
    """Where the base of this recipe is or will be."""
    return settings.cache / f"base-{key()}"


def ensure(settings: Settings) -> Path:
    """Return the base's root directory, built now if it is missing (under a minute)."""
    root = path(settings)
    if not root.exists():
        half = root.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        _bootstrap(settings, half)
        _finish(half)
        half.rename(root)
    return root


def _bootstrap(settings: Settings, root: Path) -> None:
    debs = settings.cache / "debootstrap"
    debs.mkdir(parents=True, exist_ok=True)
    chosen = f"--include={PACKAGES}"
    run("debootstrap", "--variant=minbase", f"--cache-dir={debs}", chosen, SUITE, root, mirror(), timeout=900)
    run("chroot", root, "apt-get", "clean")


def _finish(root: Path) -> None:
    for host_key in (root / "etc/ssh").glob("ssh_host_*"):
        host_key.unlink()
    (root / "etc/machine-id").write_text("")
    run("cp", "-r", f"{ROOTFS}/.", root)
    (root / "etc/sudoers.d/ops").chmod(0o440)
    units = root / "etc/systemd/system"
    (units / "multi-user.target.wants").mkdir(exist_ok=True)
    (units / "multi-user.target.wants/lab-net.service").symlink_to("../lab-net.service")
    for unit in MASKED:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    run("chroot", root, "useradd", "--create-home", "--uid", OPS, "--shell", "/bin/bash", "ops")
