"""How a tenant stands with its backups: is there one, is it fresh, has one been proven lately?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cutover.amounts import age_in_words
from cutover.errors import Finding
from cutover.storage.catalogue import Backup

PROVEN_WITHIN = timedelta(days=8)
"""A drill is due every week; a day is left for it to be repeated."""


def newest_complete(found: Sequence[Backup]) -> Backup | None:
    """Return the newest complete backup, given all of them newest first."""
    return next((each for each in found if each.complete and each.at), None)


def newest_proven(found: Sequence[Backup]) -> Backup | None:
    """Return the newest backup that a drill has proven, given all of them newest first."""
    return next((each for each in found if each.proven), None)


def doubts(tenant: str, found: Sequence[Backup], deadline_hours: int, now: datetime) -> tuple[Finding, ...]:
    """
    Return what is to be said of a tenant's backups, given all of them newest first.

    It is an error when there is none or the newest is late, and a warning when none was proven for eight days. One that
    failed its last drill counts as none.
    """
    return tuple(_doubts(tenant, found, deadline_hours, now))


def _doubts(tenant: str, found: Sequence[Backup], deadline_hours: int, now: datetime) -> Iterator[Finding]:
    newest = newest_complete([each for each in found if each.sound])
    if newest is None or newest.at is None:
        what, todo = "there is no complete backup", f"make one with `cutover backup {tenant}`"
        yield Finding("CUT-745", what, tenant, todo=todo)
        return
    age = now - newest.at
    if age > timedelta(hours=deadline_hours):
        what, why = "the newest backup is late", f"it is {age_in_words(age)} old, the deadline is {deadline_hours} h"
        todo = f"look at the runs of `backup {tenant}`, or make one with `cutover backup {tenant}`"
        yield Finding("CUT-746", what, newest.id, why, todo)
    unproven = now - _proven_or_first(found, now)
    if unproven > PROVEN_WITHIN:
        what, todo = "no backup was proven lately", f"prove the newest with `cutover drill {tenant}`"
        why = f"for {age_in_words(unproven)} no drill has restored one"
        yield Finding("CUT-747", what, newest.id, why, todo, fatal=False)


def _proven_or_first(found: Sequence[Backup], now: datetime) -> datetime:
    """Return when a backup was last proven, else when the oldest one was made that could have been."""
    proven = [each.proven for each in found if each.proven]
    return max(proven) if proven else min((each.at for each in found if each.complete and each.at), default=now)
