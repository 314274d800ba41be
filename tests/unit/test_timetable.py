from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cutover.inventory import load
from cutover.timetable import DAY, Entry, shifted, timetable, window, within
from tests.unit.inventory.loading import write

EXAMPLE = (Path(__file__).parents[2] / "tenants/example-aio/inventory.yml").read_text()
NAMES = [f"tenant-{number}" for number in range(300)]


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for line in EXAMPLE.splitlines():
        if "{env: " in line:
            monkeypatch.setenv(line.partition("{env: ")[2].partition("}")[0], "a-secret-of-some-length")


def entries(folder: Path, name: str = "acme", *lines: str) -> dict[str, Entry]:
    text = EXAMPLE.replace("  vars:\n", "".join(["  vars:\n", *(f"    {line}\n" for line in lines)]), 1)
    write(folder, text, name)
    return {entry.operation: entry for entry in timetable(load(name, folder))}


def minute(entry: Entry) -> int:
    return int(entry.cron.split()[1]) * 60 + int(entry.cron.split()[0])


def test_a_tenant_has_a_nightly_backup_and_look_for_drift_a_weekly_drill_and_a_pruning_on_the_day_after(
    tmp_path: Path,
) -> None:
    found = entries(tmp_path)
    assert set(found) == {"backup", "drill", "prune", "drift"}
    assert found["backup"].cron.endswith(" * * *")
    assert found["drill"].cron.endswith(" * * 0")
    assert found["prune"].cron.endswith(" * * 1")
    assert found["backup"].parameters == {"tenant": "acme", "why": "nightly"}
    assert found["drift"].cron.endswith(" * * *")
    assert found["prune"].parameters == {"tenant": "acme", "delete": True}
    assert {entry.timezone for entry in found.values()} == {"Europe/Vienna"}
    assert minute(found["drill"]) - minute(found["backup"]) == 120


def test_the_cluster_of_an_ha_tenant_is_watched_every_ten_minutes_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(__file__).parents[2] / "tenants/example-ha"
    for line in (folder / "inventory.yml").read_text().splitlines():
        if "{env: " in line:
            monkeypatch.setenv(line.partition("{env: ")[2].partition("}")[0], "a-secret-of-some-length")
    found = timetable(load("example-ha", folder.parent))
    assert {entry.operation for entry in found} == {"backup", "drill", "prune", "drift", "watch"}
    (watch,) = [entry for entry in found if entry.operation == "watch"]
    assert re.fullmatch(r"\d-59/10 \* \* \* \*", watch.cron)


def test_three_hundred_tenants_are_spread_over_the_first_half_of_the_window(tmp_path: Path) -> None:
    minutes = [minute(entries(tmp_path, name)["backup"]) for name in NAMES]
    assert min(minutes) >= 60
    assert max(minutes) < 180
    assert max(minutes.count(each) for each in set(minutes)) <= 15
    assert [minute(entries(tmp_path, name)["backup"]) for name in NAMES] == minutes


def test_no_backup_starts_in_an_hour_that_the_clock_skips_or_shows_twice(tmp_path: Path) -> None:
    minutes = [minute(entry) for name in NAMES for entry in entries(tmp_path, name).values()]
    assert [each for each in minutes if 120 <= each < 180] == []


def test_a_window_with_no_other_minute_is_used_as_it_is(tmp_path: Path) -> None:
    assert 120 <= minute(entries(tmp_path, "acme", "backup_window: 02:00-02:30")["backup"]) < 135


def test_beyond_midnight_the_weekday_is_the_day_after(tmp_path: Path) -> None:
    found = entries(tmp_path, "acme", "backup_window: 23:00-03:00", "drill_weekday: saturday")
    assert minute(found["drill"]) < 180
    assert found["drill"].cron.endswith(" * * 0")
    assert found["prune"].cron.endswith(" * * 1")


@pytest.mark.parametrize(("text", "expected"), [("01:00-05:00", (60, 240)), ("22:30-04:00", (1350, 330))])
def test_a_window_is_a_beginning_and_a_length(text: str, expected: tuple[int, int]) -> None:
    assert window(text) == expected


@pytest.mark.parametrize("zone", ["Europe/Vienna", "Europe/London", "America/Santiago", "Australia/Lord_Howe"])
def test_shifted_minutes_are_those_that_some_day_has_not_or_has_twice(zone: str) -> None:
    here, unsafe = ZoneInfo(zone), shifted(zone)
    for day in range(366):
        for each in set(range(0, DAY, 30)) - unsafe:
            at = datetime(2026, 1, 1, tzinfo=here) + timedelta(days=day, minutes=each)
            assert at.replace(fold=0).utcoffset() == at.replace(fold=1).utcoffset()
    assert unsafe


def test_the_same_wish_has_the_same_digest_and_another_time_has_another() -> None:
    one = Entry("backup", "acme", "1 2 * * *", "UTC")
    assert one.wish == Entry("backup", "beta", "1 2 * * *", "UTC").wish
    assert one.wish != Entry("backup", "acme", "2 2 * * *", "UTC").wish
    assert one.wish != Entry("backup", "acme", "1 2 * * *", "Europe/Vienna").wish


@pytest.mark.parametrize(
    ("text", "at", "inside"),
    [
        ("02:00-04:00", "02:00", True),
        ("02:00-04:00", "03:59", True),
        ("02:00-04:00", "04:00", False),
        ("02:00-04:00", "14:00", False),
        ("22:00-04:00", "23:30", True),
        ("22:00-04:00", "00:10", True),
        ("22:00-04:00", "12:00", False),
    ],
)
def test_a_time_is_in_a_window_that_may_go_over_midnight(text: str, at: str, inside: bool) -> None:
    assert within(text, datetime.fromisoformat(f"2026-11-20 {at}")) is inside
