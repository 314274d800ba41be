from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cutover.storage.catalogue import Backup
from cutover.storage.retention import Keep, kept
from tests.unit.storage.examples import backup, old, without_manifest

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def keep(daily: int = 0, weekly: int = 0, monthly: int = 0, yearly: int = 0, zone: str = "UTC") -> Keep:
    return Keep(daily, weekly, monthly, yearly, safety_days=14, zone=ZoneInfo(zone))


def nightly(days: int, hour: int = 2) -> list[Backup]:
    """One backup a night for a number of nights up to today."""
    return [backup(NOW.replace(hour=hour) - timedelta(days=day)) for day in range(days)]


def days_kept(backups: Sequence[Backup], what: Keep) -> list[str]:
    reasons = kept(backups, what, NOW)
    return [f"{each.at:%Y-%m-%d}" for each in backups if each.at and each.id in reasons]


CASES = [
    (keep(daily=3), ["2026-11-20", "2026-11-19", "2026-11-18"]),
    # 20 November is a Friday: the newest of each week is its Sunday, but for the week that is not over
    (keep(weekly=3), ["2026-11-20", "2026-11-15", "2026-11-08"]),
    (keep(monthly=3), ["2026-11-20", "2026-10-31", "2026-09-30"]),
    (keep(yearly=2), ["2026-11-20", "2025-12-31"]),
    (keep(daily=2, weekly=2, monthly=2), ["2026-11-20", "2026-11-19", "2026-11-15", "2026-10-31"]),
    (keep(), ["2026-11-20"]),
]


@pytest.mark.parametrize(("what", "days"), CASES)
def test_the_newest_of_each_of_the_last_periods_is_kept(what: Keep, days: list[str]) -> None:
    assert days_kept(nightly(400), what) == days


def test_of_several_on_one_day_the_newest_is_kept() -> None:
    first, second = backup(NOW.replace(hour=1)), backup(NOW.replace(hour=11))
    assert set(kept([first, second], keep(daily=5), NOW)) == {second.id}


def test_days_without_a_backup_do_not_count() -> None:
    scattered = [backup(NOW - timedelta(days=days)) for days in (0, 40, 90, 200)]
    assert set(kept(scattered, keep(daily=3), NOW)) == {each.id for each in scattered[:3]}


@pytest.mark.parametrize(
    ("zone", "count"),
    [("UTC", 2), ("America/Argentina/Cordoba", 1), ("Pacific/Auckland", 1)],
    ids=["two days in Greenwich", "one day in Argentina", "one day in New Zealand"],
)
def test_a_day_is_a_day_of_the_tenant(zone: str, count: int) -> None:
    evening, night = (datetime(2026, 11, 18, 23, tzinfo=UTC), datetime(2026, 11, 19, 1, tzinfo=UTC))
    reasons = kept([backup(evening), backup(night)], keep(daily=9, zone=zone), NOW)
    assert len(reasons) == count


def test_the_day_on_which_clocks_go_back_is_one_day() -> None:
    before, after = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert len(kept([backup(before), backup(after)], keep(daily=9, zone="Europe/Vienna"), NOW)) == 1


def test_the_newest_proven_one_stays_however_old_it_is() -> None:
    proven = backup(NOW - timedelta(days=900), proven=True)
    older = backup(NOW - timedelta(days=901), proven=True)
    reasons = kept([*nightly(5), proven, older], keep(daily=2), NOW)
    assert reasons[proven.id] == "newest proven"
    assert older.id not in reasons


def test_the_newest_complete_one_stays_whatever_is_newer() -> None:
    damaged, whole = backup(NOW, problems=("CUT-792",)), backup(NOW - timedelta(days=100))
    assert "newest complete" in kept([damaged, whole], keep(daily=1), NOW)[whole.id]


def test_a_damaged_one_takes_no_others_place() -> None:
    damaged = backup(NOW.replace(hour=11), problems=("CUT-793",), proven=True)
    whole = backup(NOW.replace(hour=2))
    reasons = kept([damaged, whole, backup(NOW - timedelta(days=1))], keep(daily=1), NOW)
    assert reasons[whole.id].startswith("newest complete")
    assert reasons[damaged.id] == "day 2026-11-20, though not sound"


def test_one_that_failed_its_drill_takes_no_others_place() -> None:
    failed, sound = backup(NOW, problems=("CUT-799",)), backup(NOW - timedelta(days=9))
    reasons = kept([failed, sound, backup(NOW - timedelta(days=10))], keep(), NOW)
    assert reasons == {failed.id: "newest complete", sound.id: "newest complete"}


@pytest.mark.parametrize(("age", "stays"), [(13, True), (15, False)])
def test_a_backup_from_before_a_restore_stays_for_its_days(age: int, stays: bool) -> None:
    safety = backup(NOW - timedelta(days=age), why="before restore")
    reasons = kept([backup(NOW), safety], keep(), NOW)
    assert reasons.get(safety.id) == ("before restore" if stays else None)


def test_a_backup_from_before_a_restore_takes_no_days_place() -> None:
    nights = nightly(3)
    safety = backup(NOW, why="before upgrade")
    assert set(kept([safety, *nights], keep(daily=3), NOW)) == {safety.id, *(each.id for each in nights)}


def test_a_backup_of_the_old_tool_is_never_let_go() -> None:
    ancient = old(NOW - timedelta(days=3000))
    assert kept([ancient], keep(), NOW) == {ancient.id: "not made by Cutover"}


@pytest.mark.parametrize("code", ["CUT-705", "CUT-706", "CUT-707", "CUT-708"])
def test_what_cannot_be_judged_is_left_alone(code: str) -> None:
    strange = without_manifest(NOW - timedelta(days=3000), code)
    assert kept([strange], keep(), NOW) == {strange.id: f"cannot be judged: what {code} says"}


def test_half_a_backup_is_not_among_what_is_kept() -> None:
    assert kept([without_manifest(NOW, "CUT-795")], keep(daily=9), NOW) == {}


def test_a_reason_is_given_for_every_period_a_backup_stands_for() -> None:
    only = backup(NOW)
    said = kept([only], keep(1, 1, 1, 1), NOW)[only.id]
    assert said == "newest complete, day 2026-11-20, week 2026-W47, month 2026-11, year 2026"


def test_pruning_every_night_leaves_what_pruning_once_leaves() -> None:
    what = keep(daily=7, weekly=4, monthly=6)
    there: list[Backup] = []
    for night in reversed(nightly(300)):
        there = [night, *there]
        reasons = kept(there, what, NOW)
        there = [each for each in there if each.id in reasons]
    assert {each.id for each in there} == set(kept(nightly(300), what, NOW))
