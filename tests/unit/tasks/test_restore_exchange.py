"""Is what serves after a restore what was restored?"""

from __future__ import annotations

from cutover.storage.manifest import Census
from tasks.restore_exchange import lost_rows


def census(**rows: int) -> Census:
    tables = {f"public.{name}": count for name, count in rows.items()}
    return Census(tables=tables, newest_call=None, identity="x", extensions=[], size=1)


def test_rows_that_the_application_adds_are_no_loss() -> None:
    assert not list(lost_rows(census(queue_log=3), census(queue_log=5)))


def test_w02_a_table_with_fewer_rows_than_its_backup_is_named() -> None:
    (finding,) = lost_rows(census(queue_log=3, django_migrations=9), census(queue_log=2, django_migrations=9))
    assert (finding.where, finding.fatal) == ("public.queue_log", True)


def test_tables_that_are_not_the_application_s_are_nobody_s_matter() -> None:
    assert not list(lost_rows(census(standin_survey=3), census()))
