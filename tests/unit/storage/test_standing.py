from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from cutover.storage.catalogue import Backup
from cutover.storage.standing import doubts, newest_complete, newest_proven
from tests.unit.storage.examples import backup, old, without_manifest

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def ago(**time: int) -> datetime:
    return NOW - timedelta(**time)


CASES: list[tuple[str, Sequence[Backup], list[str]]] = [
    ("none", [], ["CUT-745"]),
    ("only half ones", [without_manifest(ago(hours=1), "CUT-795")], ["CUT-745"]),
    ("only damaged ones", [backup(ago(hours=1), problems=("CUT-792",))], ["CUT-745"]),
    ("only one that failed its drill", [backup(ago(hours=1), problems=("CUT-799",))], ["CUT-745"]),
    ("fresh, but it failed its drill", [backup(NOW, problems=("CUT-799",)), backup(ago(hours=30))], ["CUT-746"]),
    ("the first ever", [backup(ago(hours=1))], []),
    ("just in time", [backup(ago(hours=26))], []),
    ("late", [backup(ago(hours=27))], ["CUT-746"]),
    ("late, though half a newer one is there", [without_manifest(NOW, "CUT-795"), backup(ago(hours=27))], ["CUT-746"]),
    ("fresh, the last proven a week ago", [backup(ago(hours=1)), backup(ago(days=7), proven=True)], []),
    ("fresh, none proven lately", [backup(ago(hours=1)), backup(ago(days=9), proven=True)], ["CUT-747"]),
    ("fresh, none ever proven", [backup(ago(hours=1)), backup(ago(days=9))], ["CUT-747"]),
    ("all old", [backup(ago(days=30))], ["CUT-746", "CUT-747"]),
    ("of the old tool", [old(ago(hours=1))], []),
]


@pytest.mark.parametrize(("found", "codes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_tenant_without_a_fresh_and_a_proven_backup_is_told(found: Sequence[Backup], codes: list[str]) -> None:
    said = doubts("acme", found, 26, NOW)
    assert [finding.code for finding in said] == codes
    assert all("cutover " in finding.todo for finding in said)


def test_only_a_missing_proof_is_no_failure() -> None:
    assert [finding.fatal for finding in doubts("acme", [backup(ago(days=30))], 26, NOW)] == [True, False]


def test_the_newest_complete_and_the_newest_proven_one_may_differ() -> None:
    found = [without_manifest(NOW, "CUT-795"), backup(ago(hours=1)), backup(ago(days=1), proven=True)]
    assert (newest_complete(found), newest_proven(found)) == (found[1], found[2])
