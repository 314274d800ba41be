"""One at a time: locks on files that end with the process that holds them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.waiting import wait_for


@contextmanager
def locked(file: Path, what: str, limit: float) -> Iterator[None]:
    """Hold the lock `file`, waiting up to `limit` seconds; raises LabError saying who has `what`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def taken() -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    try:
        _wait(handle, taken, what, limit)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, taken: Callable[[], bool], what: str, limit: float) -> None:
    try:
        wait_for(what, taken, limit)
    except LabError as error:
        holder = os.pread(handle, 20, 0).decode()
        raise LabError(f"{what}: process {holder} has it ({error})") from error
