"""How much a host's disks hold at most while something goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from tests.lab.host import Host


@dataclass(slots=True)
class HighWater:
    """The most bytes that a host's own disk and its /run held while something went on, beyond what they held before."""

    host: Host
    disk: int = 0
    memory: int = 0

    def _used(self) -> tuple[int, int]:
        places = self.host.disk.top, Path(f"/proc/{self.host.container.leader}/root/run")
        disk, memory = (os.statvfs(place) for place in places)
        return (disk.f_blocks - disk.f_bfree) * disk.f_frsize, (memory.f_blocks - memory.f_bfree) * memory.f_frsize

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look twenty times a second while the block runs; the highest of all blocks counts."""
        over = Event()
        before = self._used()

        def look() -> None:
            while not over.wait(0.05):
                disk, memory = self._used()
                self.disk = max(self.disk, disk - before[0])
                self.memory = max(self.memory, memory - before[1])

        watcher = Thread(target=look)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
