"""Overlay mounts: read-only directories below, one writable directory on top."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tests.lab.command import run
from tests.lab.errors import LabError
from tests.lab.waiting import wait_for

PARTS = ("up", "work", "root")


def mount(lowers: Sequence[Path], directory: Path) -> Path:
    """
    Mount `lowers` (bottom first) under `directory`/up at `directory`/root and return that mount point.

    Does nothing when it is mounted already.
    """
    for part in PARTS:
        (directory / part).mkdir(parents=True, exist_ok=True)
    root = directory / "root"
    if not root.is_mount():
        lower = ":".join(str(path) for path in reversed(lowers))
        options = f"lowerdir={lower},upperdir={directory}/up,workdir={directory}/work"
        run("mount", "-t", "overlay", "overlay", "-o", options, root)
    return root


def unmount(path: Path, limit: float = 30) -> None:
    """Unmount `path` if it is mounted; processes that are just dying get `limit` seconds to let go of it."""

    def gone() -> bool:
        return not os.path.ismount(path) or run("umount", path, check=False).returncode == 0

    if path.exists():
        wait_for(f"unmounting {path}", gone, limit)
    if os.path.ismount(path):
        raise LabError(f"{path} is mounted more than once")
