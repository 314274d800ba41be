"""Which backup an operation takes when nobody names one."""

from __future__ import annotations

from datetime import timedelta

from cutover.storage.catalogue import Backup, Origin
from tasks.restore_plan import SAFETY
from tasks.stores import meant
from tests.unit.storage.examples import AT, manifest


def backup(days: int, why: str) -> Backup:
    made = manifest(AT + timedelta(days=days), why=why)
    return Backup(made.id, made.begun, Origin.CUTOVER, 1, "1.26.0", complete=True, problems=(), manifest=made)


NIGHTLY, FIRST, SECOND = backup(0, "nightly"), backup(1, SAFETY), backup(2, SAFETY)
FOUND = [SECOND, FIRST, NIGHTLY]


def test_a_restore_that_is_run_again_does_not_take_the_state_that_the_first_one_saved() -> None:
    assert meant(FOUND, "", SAFETY) is NIGHTLY
    assert meant(FOUND, "latest", SAFETY) is NIGHTLY


def test_a_safety_backup_is_restored_when_it_is_named() -> None:
    assert meant(FOUND, FIRST.id, SAFETY) is FIRST


def test_for_others_the_newest_is_the_newest() -> None:
    assert meant(FOUND, "latest", None) is SECOND
