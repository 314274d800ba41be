"""
A process that has loaded the `cutover` command and carries it out in forks of itself.

Tests give hundreds of commands, and each would spend more than a second of processor time on loading Prefect's client.
A fork is a process of its own as the command is: its environment, its folder, its streams, its exit status. Commands
that are tried themselves (`tests/lab/cli`, `make demo`) are the real ones.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.lab.tenants import PROJECT
from tests.lab.waiting import wait_for

LOADED = (
    "cutover.cli.main",
    "cutover.cli.runs.operation",
    "prefect.client.orchestration",
    "prefect.client.schemas.filters",
)
ASK = Path(__file__).with_name("ask_loaded.py")
LONGEST = 1 << 20
"""Bytes of an order: words and environment."""

PATIENCE = 120.0


@contextmanager
def loaded(door: Path) -> Iterator[list[str]]:
    """Have the command loaded for a while, at a socket; gives the program to put before a command's words."""
    process = subprocess.Popen([sys.executable, "-m", __name__, str(door)], cwd=PROJECT, stdin=subprocess.DEVNULL)
    try:
        wait_for("the loaded command", door.exists, PATIENCE)
        yield [sys.executable, "-I", "-S", str(ASK), str(door)]
    finally:
        process.terminate()
        process.wait()


def serve(door: Path) -> None:
    """Carry out what is asked for at a socket, each order in a process of its own, until this one is ended."""
    for module in LOADED:
        import_module(module)
    # nobody waits for those who wait for the commands
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as entrance:
        entrance.bind(str(door.with_suffix(".new")))
        entrance.listen(64)
        door.with_suffix(".new").rename(door)
        while True:
            way, _ = entrance.accept()
            with way:
                if os.fork() == 0:
                    entrance.close()
                    answer(way)


def answer(way: socket.socket) -> None:
    """Carry out one order, tell its exit status, and end this process; returns in the one that is the command."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    order, streams, _, _ = socket.recv_fds(way, LONGEST, 3)
    command = os.fork()
    if command == 0:
        way.close()
        become(json.loads(order), streams)
    _, status = os.waitpid(command, 0)
    way.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def become(order: dict[str, Any], streams: list[int]) -> None:
    """Be the command that was asked for; ends this process as the command does."""
    from cutover.cli.main import main

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.exit(main(order["words"]))


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
