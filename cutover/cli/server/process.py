"""A program in the background that outlives the shell, found again by its pid and the moment it was born."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Process:
    """`born` is its start in clock ticks since boot, so a pid given away again is not taken for ours."""

    pid: int
    born: int


def start(
    arguments: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path, tied: bool = False
) -> Process:
    """
    Start a program in a session of its own; `tied` to this process it ends when we do, however that happens.

    Its output goes to `log`, which only its owner reads.
    """
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        child = subprocess.Popen(
            arguments,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            start_new_session=True,
            preexec_fn=_end_with_parent if tied else None,  # noqa: PLW1509 - no other thread runs yet
        )
    finally:
        os.close(handle)
    return Process(child.pid, _born(child.pid) or 0)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def alive(process: Process) -> bool:
    """Return whether exactly this process still runs; one that only waits to be reaped does not."""
    return _born(process.pid) == process.born


def stop(process: Process, patience: float) -> bool:
    """Ask a process to end and wait up to `patience` seconds; return whether it did."""
    _signal(process, signal.SIGTERM)
    return gone(process, patience)


def kill(process: Process) -> None:
    """End a process and everything in its session's group at once."""
    if alive(process):
        os.killpg(process.pid, signal.SIGKILL)
        gone(process, 5)


def end(process: Process, patience: float) -> None:
    """
    Ask a process to end, and end it with its session's group when it has not after `patience` seconds.

    It is asked once: Prefect's worker, asked again, ends at once by itself and leaves its runs behind.
    """
    if not stop(process, patience):
        kill(process)


def gone(process: Process, patience: float) -> bool:
    """Wait up to `patience` seconds for a process to end; return whether it did."""
    deadline = time.monotonic() + patience
    while alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a log, for an error message."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def _signal(process: Process, number: int) -> None:
    if alive(process):
        os.kill(process.pid, number)


def _born(pid: int) -> int | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])
