"""
A throw-away PostgreSQL beside the live one, in a container of an image that is on the host.

It listens on the loopback address alone, yields to everything else on the host, and its password is kept in memory. It
ends with `clear`, with the lease it was started under, or when whoever comes next clears what a dead run has left.
"""

from __future__ import annotations

from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import call, script, with_input
from cutover.secret import Secret

LIBRARIES = ("lease", "drill")
ADDRESS = "127.0.0.1"
DATA = "/var/lib/cutover/drill"
"""Where the data lies while the server runs."""

STARTING = 180.0
"""Seconds that making and starting a new cluster may take."""


def room(image: str, lease: Lease) -> str:
    """Return the script that tells the free bytes and PostgreSQL's version in an image."""
    return script((*LIBRARIES, "image"), [*guard_lines(lease), "drill_free", call("drill_major", image)])


def room_found(stdout: str) -> tuple[int, int | None]:
    """Given what `room` printed, return the free bytes, and PostgreSQL's major version; None if the image has none."""
    rows = dict(line.split("\t") for line in stdout.splitlines() if line.count("\t") == 1)
    return int(rows["free"]), int(rows["major"]) if rows["major"].isdigit() else None


def start(image: str, user: str, password: Secret, lease: Lease) -> str:
    """Return the script that starts the server, waits until it answers, and prints its port."""
    started = with_input(call("drill_start", image, user), f"{password.reveal()}\n".encode())
    return script(LIBRARIES, ["set -e", *guard_lines(lease), started])


def port_of(stdout: str) -> int:
    """Given what `start` printed, return the server's port."""
    return next(int(line.split("\t")[1]) for line in stdout.splitlines() if line.startswith("port\t"))


def clear(lease: Lease) -> str:
    """Return the script that ends the server and removes its data; there may be none."""
    return script(LIBRARIES, [*guard_lines(lease), "drill_clear"])
