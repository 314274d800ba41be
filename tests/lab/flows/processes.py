"""A controller's own processes on this machine."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterable
from pathlib import Path

from tests.lab.controller import Controller


def of_runs(controller: Controller) -> list[int]:
    """The processes that work on flow runs of this controller."""
    return [pid for pid, words in _environments() if _is_run(controller, words)]


def worker(controller: Controller) -> int:
    """The process of its worker."""
    return _noted(controller, "worker")


def server(controller: Controller) -> int:
    """The process of its Prefect server."""
    return _noted(controller, "server")


def _noted(controller: Controller, name: str) -> int:
    return int(json.loads((controller.home / f"{name}.json").read_text())["process"]["pid"])


def send(number: signal.Signals, pids: Iterable[int]) -> None:
    """Send a signal to processes of a controller."""
    for pid in pids:
        os.kill(pid, number)


def kill_runs(controller: Controller) -> None:
    """Kill what works on the flow runs of a controller, as no process can prevent."""
    send(signal.SIGKILL, of_runs(controller))


def _is_run(controller: Controller, words: frozenset[bytes]) -> bool:
    ours = f"CUTOVER_HOME={controller.home}".encode() in words
    return ours and any(word.startswith(b"PREFECT__FLOW_RUN_ID=") for word in words)


def _environments() -> Iterable[tuple[int, frozenset[bytes]]]:
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            yield int(path.parent.name), frozenset(path.read_bytes().split(b"\0"))
        except OSError:
            continue
