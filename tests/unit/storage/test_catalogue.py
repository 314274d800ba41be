from __future__ import annotations

from datetime import timedelta

from cutover.storage.catalogue import chosen
from tests.unit.storage.examples import AT, backup


def test_one_that_failed_its_drill_is_the_latest_only_when_there_is_no_other() -> None:
    failed, sound = backup(AT, problems=("CUT-799",)), backup(AT - timedelta(days=1))
    assert chosen((failed, sound), None) == sound
    assert chosen((failed,), "latest") == failed
    assert chosen((failed, sound), failed.id) == failed
