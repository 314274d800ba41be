"""
Can one host reach another at a port? An answer of "connection refused" is a yes: the network lets it through.

And is an address free, that is: does nobody in the network answer for it?
"""

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


def ask_who_claims(addresses: Iterable[str]) -> str:
    """Return the script that prints one line for each address that somebody in the host's network answers for."""
    lines = [f"{call('claimed', address)} &" for address in addresses]
    return script(("reach",), [*lines, "wait"])


def claimed(stdout: str) -> dict[str, str]:
    """Given what the script printed, return the hardware address of who answers, by address."""
    rows = (line.split("\t") for line in stdout.splitlines())
    return {row[1]: row[2] for row in rows if len(row) == 3 and row[0] == "claimed"}
