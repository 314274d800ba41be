"""
Which backups are kept: grandfather, father, son, in the tenant's own calendar.

The newest backup of each of the last days, weeks, months and years that have one is kept. A backup made before a
restore or an upgrade takes no day's place and stays for a number of days. Whatever the numbers say, the newest
complete backup and the newest proven one stay. What cannot be judged, and what Cutover has not made, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from cutover.inventory import Tenant
from cutover.storage.catalogue import Backup, Origin

SAFETY = "before "
"""How the `why` of a safety backup begins."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How many days, weeks, months and years keep a backup, the days that a safety backup stays, and whose calendar."""

    daily: int
    weekly: int
    monthly: int
    yearly: int
    safety_days: int
    zone: ZoneInfo

    @classmethod
    def of(cls, tenant: Tenant) -> Keep:
        """Return what a tenant's inventory says."""
        said = tenant.variables
        return cls(
            daily=said.backup_keep_daily,
            weekly=said.backup_keep_weekly,
            monthly=said.backup_keep_monthly,
            yearly=said.backup_keep_yearly,
            safety_days=said.restore_keep_days,
            zone=ZoneInfo(said.TZ),
        )


def kept(backups: Sequence[Backup], keep: Keep, now: datetime) -> dict[str, str]:
    """
    Return which of these backups are kept, each with the reason.

    Half backups are none of them: they are swept by their age. What is not in the result may go.
    """
    reasons: dict[str, list[str]] = {}
    for backup, reason in _reasons(sorted(backups, key=_at, reverse=True), keep, now):
        reasons.setdefault(backup.id, []).append(reason)
    return {backup: ", ".join(dict.fromkeys(said)) for backup, said in reasons.items()}


def _reasons(newest_first: Sequence[Backup], keep: Keep, now: datetime) -> Iterator[tuple[Backup, str]]:
    ours = [each for each in newest_first if each.origin is Origin.CUTOVER]
    yield from _first((each for each in ours if each.complete), "newest complete")
    yield from _first((each for each in ours if each.sound), "newest complete")
    yield from _first((each for each in ours if each.proven), "newest proven")
    for each in newest_first:
        if each.origin is not Origin.CUTOVER:
            yield each, "not made by Cutover"
        elif each.manifest is None and not each.half:
            yield each, f"cannot be judged: {each.problems[0].what}"
        elif _safety(each) and now - _at(each) < timedelta(days=keep.safety_days):
            yield each, each.manifest.why if each.manifest else ""
    regular = [each for each in ours if each.manifest and not _safety(each)]
    yield from _generations([each for each in regular if each.sound], keep)
    yield from ((each, f"{why}, though not sound") for each, why in _generations(regular, keep) if not each.sound)


def _first(backups: Iterator[Backup], reason: str) -> Iterator[tuple[Backup, str]]:
    yield from ((each, reason) for each in islice(backups, 1))


def _generations(newest_first: Sequence[Backup], keep: Keep) -> Iterator[tuple[Backup, str]]:
    """Yield the newest backup of each of the last periods that have one."""
    for count, period in (
        (keep.daily, "day %Y-%m-%d"),
        (keep.weekly, "week %G-W%V"),
        (keep.monthly, "month %Y-%m"),
        (keep.yearly, "year %Y"),
    ):
        newest: dict[str, Backup] = {}
        for each in newest_first:
            newest.setdefault(_at(each).astimezone(keep.zone).strftime(period), each)
        yield from ((each, name) for name, each in list(newest.items())[:count])


def _safety(backup: Backup) -> bool:
    return backup.manifest is not None and backup.manifest.why.startswith(SAFETY)


def _at(backup: Backup) -> datetime:
    """Return when a backup was made; every one that Cutover lists has a time."""
    return backup.at or _BEGINNING


_BEGINNING = datetime.fromtimestamp(0, ZoneInfo("UTC"))
