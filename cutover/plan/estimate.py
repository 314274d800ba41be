"""How big a restore is and how long it takes, as far as that can be known before anything is touched."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

SPACE = 1.2
"""Bytes on disk for every byte that the database had when it was saved."""

MARGIN = 1 << 30
"""Bytes that must remain free for PostgreSQL's log and everything else on that disk."""

KEPT = 8 << 30
"""Bytes of its log that a primary keeps at most for a standby that is away (`max_slot_wal_keep_size`)."""

LOADING = 10_000_000
"""Bytes of a database loaded in a second, where no drill has measured it: a small host's rate."""

SAVING = 20_000_000
"""Bytes of a database saved in a second, where no backup has measured it."""

STOPPING = 30.0
STARTING = 90.0
"""Seconds for the writers to stop, and to start and answer."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known from before: bytes of a database and the seconds it took; None where nobody has measured."""

    load: tuple[int, float] | None = None
    save: tuple[int, float] | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """
    Sizes in bytes, times in seconds.

    `database` is what the restored one will take, `needed` what must be free on the server's disk for it, `stored`
    what comes from the bucket. `beside` is spent while the platform serves, `outage` while it does not; `measured`
    says whether the times follow from this tenant's own backups and drills.
    """

    database: int
    needed: int
    stored: int
    beside: float
    outage: float
    measured: bool


def estimate(database: int, stored: int, current: int, measured: Measured, *, safety: bool) -> Estimate:
    """
    Return what a restore will take.

    `database` are the bytes of the restored database, `current` those of the one that serves, which is saved during the
    outage when `safety` asks for it.
    """
    saving = _seconds(current, measured.save, SAVING) if safety else 0.0
    return Estimate(
        database=database,
        needed=ceil(database * SPACE) + MARGIN,
        stored=stored,
        beside=_seconds(database, measured.load, LOADING),
        outage=STOPPING + saving + STARTING,
        measured=measured.load is not None and (measured.save is not None or not safety),
    )


def _seconds(size: int, known: tuple[int, float] | None, rate: float) -> float:
    """Return the time for so many bytes at a measured rate, else at the customary one."""
    if known is not None and known[0] > 0 and known[1] > 0:
        rate = max(known[0] / known[1], 1.0)
    return size / rate


def needed_alone(measured: Estimate) -> int:
    """Return the bytes that must be free on a primary whose standby is away: what is loaded stays in its log, too."""
    return measured.needed + min(measured.database, KEPT)


def in_words(seconds: float) -> str:
    """Return a time for people, rounded up: "about a minute", "7 minutes", "2 h 05 min"."""
    minutes = ceil(seconds / 60)
    if minutes <= 1:
        return "about a minute"
    return f"{minutes} minutes" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
