"""A host's disk: what it writes, over the read-only layers it was made from."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab import overlay
from tests.lab.command import run

EXT4_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2


@dataclass(frozen=True, slots=True)
class Disk:
    """
    The writable directories of one host.

    With `size` (as for truncate, such as "4G") the host has a file system of its own: a full disk is real,
    and a power cut loses what was not synced.
    """

    directory: Path
    size: str | None = None

    @property
    def top(self) -> Path:
        """The directory that holds the others."""
        return self.directory / "disk" if self.size else self.directory

    @property
    def _image(self) -> Path:
        """The file that holds the file system of its own."""
        return self.directory / "disk.img"

    @property
    def up(self) -> Path:
        """What the host wrote; to be changed from outside only while it is not mounted."""
        return self.top / "up"

    @property
    def containers(self) -> Path:
        """The host's /var/lib/containers, which must not lie on an overlay."""
        return self.top / "containers"

    def create(self) -> None:
        """Make the empty disk and leave its own file system, if any, mounted."""
        if self.size:
            run("truncate", "--size", self.size, self._image)
            run("mkfs.ext4", "-q", "-E", "lazy_itable_init=1", self._image)
            self._attach()
        for path in (self.up, self.containers):
            path.mkdir()

    def mount(self, lowers: Sequence[Path]) -> Path:
        """Mount the host's root over `lowers` (bottom first) and return it."""
        self._attach()
        return overlay.mount(lowers, self.top)

    def unmount(self) -> None:
        """Take the root, and the own file system if any, off."""
        overlay.unmount(self.top / "root")
        if self.size:
            overlay.unmount(self.top)

    def lose_unsynced(self) -> None:
        """
        Drop what was written and not synced, as a power cut does; only an own file system can.

        The host goes on with a copy: the kernel may still hold the file system that was shut down, and later write
        what its journal has long committed, over what has been written since.
        """
        if not self.size or not self.top.is_mount():
            return
        handle = os.open(self.top, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(handle)
        copy = self._image.with_suffix(".copy")
        run("cp", "--sparse=always", self._image, copy)
        copy.replace(self._image)

    def _attach(self) -> None:
        if self.size and not self.top.is_mount():
            self.top.mkdir(exist_ok=True)
            # Never a loop device that is still there: its file system was shut down by the power cut, and may be held.
            device = run("losetup", "--find", "--show", self._image).stdout.strip()
            run("mount", device, self.top)
            run("losetup", "--detach", device)
