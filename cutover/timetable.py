"""
When a tenant's backups, drills, prunings and looks for drift start: a pure function of its inventory.

Tenants are spread over their window by their names, so that a fleet does not start at one moment and a tenant keeps its
minute for ever. Backups start in the first half of the window. The drill comes half a window after the backup, once a
week; the pruning at the same time on the day after, when there is one backup more that is proven. Every night the hosts
are compared with what was left there, at that time too. A cluster is looked at every ten minutes, day and night.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cutover.inventory import Layout, Tenant

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 24 * 60
WATCH = 10
"""Minutes between two looks at a cluster."""

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
"""As cron counts them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One line of a timetable.

    `cron` is read in `timezone`; `parameters` are what the flow is called with.
    """

    operation: str
    tenant: str
    cron: str
    timezone: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How it is called everywhere: "backup acme"."""
        return f"{self.operation} {self.tenant}"

    @property
    def wish(self) -> str:
        """A digest of when it is to happen, to tell an inventory that has changed from an operator who has."""
        return sha256(json.dumps([self.cron, self.timezone]).encode()).hexdigest()[:12]


def timetable(tenant: Tenant) -> tuple[Entry, ...]:
    """
    Return when a tenant's backup, drill, pruning and look for drift are to start.

    The cluster of an HA tenant is watched every ten minutes besides.
    """
    begin, length = window(tenant.variables.backup_window)
    half = max(length // 2, 1)
    zone = str(tenant.variables.TZ)
    offset = _offset(tenant.name, begin, half, zone)
    weekday = DAYS.index(tenant.variables.drill_weekday)
    later = begin + offset + half
    name = tenant.name
    entries = (
        Entry("backup", name, _cron(begin + offset), zone, {"tenant": name, "why": "nightly"}),
        Entry("drill", name, _cron(later, weekday), zone, {"tenant": name}),
        Entry("prune", name, _cron(later, weekday + 1), zone, {"tenant": name, "delete": True}),
        Entry("drift", name, _cron(later), zone, {"tenant": name}),
    )
    if tenant.layout is Layout.HA:
        often = f"{offset % WATCH}-59/{WATCH} * * * *"
        return (*entries, Entry("watch", name, often, zone, {"tenant": name}))
    return entries


def window(text: str) -> tuple[int, int]:
    """Given "22:00-04:00", return when the window begins (minutes after midnight) and how many minutes it has."""
    begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return begin, (end - begin) % DAY


def within(text: str, now: datetime) -> bool:
    """Return whether a time, in the window's own time zone, is in a window like "22:00-04:00"; its end is not."""
    begin, length = window(text)
    return (now.hour * 60 + now.minute - begin) % DAY < length


def _offset(name: str, begin: int, half: int, zone: str) -> int:
    """
    Return the tenant's minute in the first half of its window.

    A minute that the clock skips or shows twice when summer time begins or ends is left out where another is free.
    """
    every = range(half)
    safe = [each for each in every if not {(begin + each) % DAY, (begin + each + half) % DAY} & shifted(zone)] or every
    return safe[int.from_bytes(sha256(name.encode()).digest()[:8], "big") % len(safe)]


@cache
def shifted(zone: str, year: int = 2026) -> frozenset[int]:
    """Return the minutes of the day that some day of a year has not, or has twice, in a time zone."""
    found: set[int] = set()
    here = ZoneInfo(zone)
    day = datetime(year, 1, 1, tzinfo=here)
    for _ in range(366):
        for begin in range(0, DAY, 30):
            at = day.replace(hour=begin // 60, minute=begin % 60)
            if at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset():
                found.update(range(begin, begin + 30))
        day += timedelta(days=1)
    return frozenset(found)


def _cron(minute: int, weekday: int | None = None) -> str:
    """Return a cron line; a time beyond midnight belongs to the day after."""
    days, minute = divmod(minute, DAY)
    on = "*" if weekday is None else str((weekday + days) % 7)
    return f"{minute % 60} {minute // 60} * * {on}"
