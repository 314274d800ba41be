"""Which host of a pair is active, by the virtual IPs that were found on the hosts, and what follows from that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cutover.errors import Finding
from cutover.plan.desired import Pair
from cutover.plan.observed import ObservedHost


@dataclass(frozen=True, slots=True)
class Turns:
    """Which host of a pair has its turn `first` and which `then`; `main` is the one that leads when nobody serves."""

    first: str
    then: str
    main: str

    def other(self, host: str) -> str:
        """Return the other host of the pair; empty for a host that is none of the two."""
        return {self.first: self.then, self.then: self.first}.get(host, "")


def active(pair: Pair, observed: Mapping[str, ObservedHost]) -> str | None:
    """Return the host that holds the pair's first virtual IP, of those that answer; None when none does, or both."""
    there = [host for host in pair.hosts if host in observed]
    holders = [host for host in there if observed[host].addresses.intersection(pair.addresses[:1])]
    return holders[0] if len(holders) == 1 else None


def passive(pairs: Iterable[Pair], observed: Mapping[str, ObservedHost]) -> frozenset[str]:
    """Return the hosts whose counterpart is the active one."""
    return frozenset(host for pair in pairs for host in pair.hosts if active(pair, observed) not in (None, host))


def turns(pairs: Iterable[Pair], observed: Mapping[str, ObservedHost]) -> tuple[Turns, ...]:
    """Return the order within each pair: the active host comes last; where nobody is active, the main host does."""
    return tuple(
        Turns(pair.main, pair.backup, pair.main)
        if active(pair, observed) == pair.backup
        else Turns(pair.backup, pair.main, pair.main)
        for pair in pairs
    )


def unheld(pairs: Iterable[Pair], observed: Mapping[str, ObservedHost]) -> dict[str, tuple[str, ...]]:
    """Return the virtual IPs that no host of the tenant holds, by the host that is to hold them in the normal state."""
    held = frozenset[str]().union(*(found.addresses for found in observed.values()))
    free = {pair.main: tuple(each for each in pair.addresses if each not in held) for pair in pairs}
    return {host: addresses for host, addresses in free.items() if addresses}


def held_twice(pairs: Iterable[Pair], observed: Mapping[str, ObservedHost]) -> Iterable[Finding]:
    """Yield an objection for each virtual IP that several hosts hold."""
    for address in (address for pair in pairs for address in pair.addresses):
        holders = [host for host, found in observed.items() if address in found.addresses]
        if len(holders) > 1:
            why = "packets reach now the one, now the other"
            todo = "see `cutover status` which of them is right, and take it from the other: `ip address del`"
            yield Finding("CUT-309", f"the virtual IP {address} is held twice", ", ".join(holders), why, todo)
