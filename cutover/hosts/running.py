"""Which images containers really run, by the digests that their registry gave them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cutover.hosts.script import call, script


@dataclass(frozen=True, slots=True)
class Running:
    """A container's image as it was named when it started, and every `name@digest` it is known by."""

    container: str
    image: str
    digests: tuple[str, ...]


def ask(containers: Iterable[str]) -> str:
    """Return the script that prints what these containers run; those that are not there are left out."""
    return script(("running",), [call("running", *containers)])


def parse(stdout: str) -> tuple[Running, ...]:
    """Given what the script printed, return what runs."""
    rows = (line.split("\t") for line in stdout.splitlines())
    return tuple(
        Running(row[1], row[2], tuple(row[3].split())) for row in rows if len(row) == 4 and row[0] == "running"
    )
