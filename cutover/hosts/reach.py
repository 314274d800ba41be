"""Can one host reach another at a port? An answer of "connection refused" is a yes: the network lets it through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cutover.hosts.script import call, script
from cutover.plan.desired import Reach


def ask(reaches: Iterable[Reach]) -> str:
    """Return the script that tries all addresses at the same time and prints one line for each that failed."""
    lines = [f"{call('reach', each.address, each.port)} &" for each in reaches]
    return script(("reach",), [*lines, "wait"])


def blocked(stdout: str, reaches: Sequence[Reach]) -> list[tuple[Reach, str]]:
    """Given what the script printed, return what could not be reached and why."""
    failed: dict[tuple[str, int], str] = {}
    for line in stdout.splitlines():
        match line.split("\t"):
            case ["blocked", address, port, why]:
                failed[address, int(port)] = why
    return [(each, failed[each.address, each.port]) for each in reaches if (each.address, each.port) in failed]
