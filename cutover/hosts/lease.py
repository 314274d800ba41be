"""
The tenant's lease: one operation per tenant at a time, whichever controller starts it.

Invariant: at most one run changes a tenant's hosts. The lease is a file on every host of the tenant, taken under a
lock on that host, with an owner and an expiry on the host's own clock. The lead host, the first of the inventory,
decides between two runs that start together: who gets its lease wins, the other gives back what it took elsewhere.
Every script that changes a host first checks, on that host, that the lease is still its own, and a lease that was lost
is never taken again by the same run; a run that was cut off for longer than the lease lives, or whose host was
restarted, can therefore change nothing there once another run has begun.

An operation that goes on without the hosts that do not answer (the recovery of an HA tenant) needs the lease of two of
the three hosts that vote on who may write. Any two such operations meet on one of these hosts, and whoever needs all
hosts meets them there as well; the lead host is then the first that answered. With a single voter left nothing on the
hosts can tell whether the others are off or only out of sight: then the operator has to say so.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from secrets import token_hex

from cutover.errors import CutoverError, Finding, LeaseHeldError
from cutover.hosts.connection import LEASE_LOST, Output
from cutover.hosts.script import call

SETTING = "CUTOVER_LEASE_SECONDS"
LIFE = 60
"""Seconds a lease lives without being renewed; CUTOVER_LEASE_SECONDS sets another number."""

SHORTEST, LONGEST = 20, 3600
"""A lost connection is noticed after ten seconds; a tenant is held by a dead run for an hour at most."""


def life() -> int:
    """Return the seconds that a new lease lives without being renewed; raises CutoverError for an impossible number."""
    given = os.environ.get(SETTING, str(LIFE))
    if given.isascii() and given.isdigit() and SHORTEST <= int(given) <= LONGEST:
        return int(given)
    todo = f"give a whole number of seconds from {SHORTEST} to {LONGEST}, or none for {LIFE}"
    raise CutoverError(Finding("CUT-213", "this is no life of a lease", SETTING, f"it is {given!r}", todo))


@dataclass(frozen=True, slots=True)
class Lease:
    """
    What this run shows to a host: its token, and who it is for those who find the host taken.

    `life` is how many seconds it lives without being renewed. `mends` is for what the hosts themselves need to get back
    to an old state: it is had also while a dead man's switch is armed.
    """

    token: str
    holder: str
    life: int = LIFE
    mends: bool = False

    @classmethod
    def new(cls, operation: str, who: str, run: str, *, mends: bool = False) -> Lease:
        """Return a lease for an operation of `who` (user and controller) in the run `run`; raises as `life` does."""
        return cls(token_hex(16), f"{operation} by {who}, run {run}", life(), mends)

    @property
    def renewed_every(self) -> float:
        """Seconds between two renewals: two may be lost."""
        return self.life / 4


def take_lines(lease: Lease) -> list[str]:
    """Return the lines (library `lease`) that take or renew the lease and print the answer."""
    return [call("lease_take", lease.token, lease.life, lease.holder, *(["mends"] if lease.mends else []))]


def renew_lines(lease: Lease) -> list[str]:
    """Return the lines that renew the lease where it is still ours, and print the answer."""
    return [call("lease_renew", lease.token, lease.life, lease.holder)]


def guard_lines(lease: Lease) -> list[str]:
    """Return the lines that end a script before it changes anything when the lease is not ours."""
    return [f"{call('lease_mine', lease.token)} || exit {LEASE_LOST}"]


def release_lines(lease: Lease) -> list[str]:
    """Return the lines that give the lease back; another run's lease is left alone."""
    return [call("lease_release", lease.token)]


@dataclass(frozen=True, slots=True)
class Answer:
    """
    A host's answer to a try: whether the lease is ours, or else who holds it for how many more seconds.

    `lost` says that it was ours and is not any more, which nothing brings back.
    """

    ours: bool
    holder: str = ""
    seconds: int = 0
    lost: bool = False


def answer(output: Output) -> Answer:
    """Given the output of a script with `take_lines`, return the host's answer."""
    for line in output.stdout.splitlines():
        match line.split("\t"):
            case ["lease", "ours"]:
                return Answer(ours=True)
            case ["lease", "held", seconds, holder]:
                return Answer(ours=False, holder=holder, seconds=int(seconds))
            case ["lease", "lost"]:
                return Answer(ours=False, lost=True)
    return Answer(ours=False, holder="unknown: the lease file could not be locked")


def held(tenant: str, host: str, refused: Answer) -> LeaseHeldError:
    """Return the error that says who holds the tenant."""
    return LeaseHeldError(
        Finding(
            "CUT-211",
            f"another operation holds {tenant}",
            host,
            f"{refused.holder}; its lease runs out in {refused.seconds} s unless it is renewed",
            "wait for it to end; if it died, its lease is free when those seconds have passed",
        )
    )


def lacking(voters: Collection[str], answered: Collection[str]) -> tuple[str, ...]:
    """
    Given the hosts that vote and those that answered, return the voters that an operation lacks for a majority.

    Empty when it has one: two such operations then have a host in common, which only one of them gets.
    """
    missing = tuple(voter for voter in voters if voter not in answered)
    return missing if 2 * len(missing) >= len(voters) else ()


def won(answers: dict[str, Answer], order: Iterable[str]) -> bool:
    """Given the answers by host, did this run get the lead host, the first in `order` that answered?"""
    return next((answers[host].ours for host in order if host in answers), False)
