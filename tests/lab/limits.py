"""What the kernel gives all hosts of a machine together, and twenty of them need more of."""

from __future__ import annotations

from pathlib import Path

INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
NEEDED = 1024
"""A host takes about five, systemd's own; the kernel's first limit of 128 is reached with some twenty hosts."""


def raise_limits() -> None:
    """Let the kernel give more than at first; a limit that is high enough stays as it is."""
    if int(INOTIFY.read_text()) < NEEDED:
        INOTIFY.write_text(str(NEEDED))
