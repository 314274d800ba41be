from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cutover.products.omnileads.proving import USERS, required
from cutover.storage.manifest import Census
from cutover.storage.proving import DIFFERENT, EMPTY, STRANGER, UNUSABLE, Fault, application, compare, findings

CALL = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
TABLES = {name.removeprefix("table "): 3 for name in required(plperl=False)}
PRESENT = frozenset(required(plperl=True))
SAVED = Census(tables=TABLES, newest_call=CALL, identity="a" * 64, extensions=["plperl", "plpgsql"], size=1000)


def changed(**fields: object) -> Census:
    return SAVED.model_copy(update=fields)


def faults(found: Census, present: frozenset[str] = PRESENT) -> list[str]:
    checks = [*application(required(plperl=True), present, USERS, found), *compare(SAVED, found)]
    return [finding.code for finding in findings(checks, "backup")]


def test_a_database_equal_to_its_manifest_passes_every_check() -> None:
    assert faults(SAVED) == []


def test_the_size_on_disk_and_the_zone_of_a_time_make_no_difference() -> None:
    here = CALL.astimezone(timezone(timedelta(hours=-3)))
    assert faults(changed(size=5, newest_call=here)) == []


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (changed(tables={**TABLES, "public.queue_log": 2}), DIFFERENT),
        (changed(tables={**TABLES, "public.more": 1}), DIFFERENT),
        (changed(tables={name: rows for name, rows in TABLES.items() if name != "public.queue_log"}), DIFFERENT),
        (changed(newest_call=None), DIFFERENT),
        (changed(newest_call=CALL - timedelta(seconds=1)), DIFFERENT),
        (changed(extensions=["plpgsql"]), DIFFERENT),
        (changed(identity="b" * 64), STRANGER),
    ],
)
def test_w02_whatever_differs_from_the_manifest_is_a_failure_of_its_kind(found: Census, fault: Fault) -> None:
    assert faults(found) == [fault.code]


@pytest.mark.parametrize("missing", sorted(PRESENT))
def test_without_any_one_of_its_objects_the_application_cannot_work(missing: str) -> None:
    assert faults(SAVED, PRESENT - {missing}) == [UNUSABLE.code]


def test_without_accounts_nobody_could_log_in() -> None:
    assert UNUSABLE.code in faults(changed(tables={**TABLES, USERS: 0}))


def test_w03_an_empty_database_is_told_as_empty_and_as_nothing_else() -> None:
    nothing = changed(tables={}, newest_call=None, identity="b" * 64, extensions=[])
    assert faults(nothing, frozenset()) == [EMPTY.code]


def test_an_empty_database_is_refused_even_when_the_manifest_promises_nothing_else() -> None:
    nothing = changed(tables={}, newest_call=None)
    checks = [*application((), frozenset(), USERS, nothing), *compare(nothing, nothing)]
    assert [finding.code for finding in findings(checks, "backup")] == [EMPTY.code]


def test_a_finding_names_some_differences_and_counts_the_others() -> None:
    (finding,) = findings(compare(SAVED, changed(tables=dict.fromkeys(TABLES, 4))), "backup")
    assert "rows of public.django_migrations: 4 instead of 3" in finding.why
    assert finding.why.endswith("and 3 more")


def test_a_release_without_plperl_needs_no_trigger() -> None:
    assert not any("plperl" in each or "trigger" in each for each in required(plperl=False))
