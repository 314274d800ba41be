"""
A throw-away PostgreSQL beside the live one, in a container of an image that is on the host.

It listens on the loopback address alone, yields to everything else on the host, and its password is kept in memory. It
ends with `clear`, with the lease it was started under, or when whoever comes next clears what a dead run has left.
"""

from __future__ import annotations

from cutover.errors import CutoverError, Finding
from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import call, script, with_input
from cutover.secret import Secret

LIBRARIES = ("lease", "drill")
ADDRESS = "127.0.0.1"
STARTING = 180.0
"""Seconds that making and starting a new cluster may take."""


def room(images: tuple[str, ...], lease: Lease) -> str:
    """
    Return the script that clears what an earlier drill has left and prints the free bytes where the data would lie.

    For each image, PostgreSQL's major version in it is printed too.
    """
    lines = [*guard_lines(lease), "drill_clear", "drill_free"]
    return script(LIBRARIES, [*lines, *(call("drill_major", image) for image in images)])


def room_found(host: str, stdout: str) -> tuple[int, dict[str, int]]:
    """Given what `room` printed, return the free bytes, and the major version by image; raises CutoverError."""
    rows = [line.split("\t") for line in stdout.splitlines()]
    free = [int(row[1]) for row in rows if row[0] == "free"]
    majors = {row[1]: int(row[2]) for row in rows if row[0] == "major" and row[2].isdigit()}
    if not free:
        todo = "look at the disk of the host, then run the same command again"
        raise CutoverError(Finding("CUT-730", "the free space cannot be read", host, stdout.strip(), todo))
    return free[0], majors


def start(image: str, user: str, password: Secret, lease: Lease) -> str:
    """Return the script that starts the server, waits until it answers, and prints its port."""
    started = with_input(call("drill_start", image, user), f"{password.reveal()}\n".encode())
    return script(LIBRARIES, ["set -e", *guard_lines(lease), started])


def port_of(stdout: str) -> int | None:
    """Given what `start` printed, return the server's port; None when it did not start."""
    found = [line.split("\t")[1] for line in stdout.splitlines() if line.startswith("port\t")]
    return int(found[0]) if found else None


def clear(lease: Lease) -> str:
    """Return the script that ends the server and removes its data; there may be none."""
    return script(LIBRARIES, [*guard_lines(lease), "drill_clear"])
