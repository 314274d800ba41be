"""Which migrations a release brings."""

from __future__ import annotations

import pytest

from cutover.products.omnileads.migrating import PENDING, pending

PRINTED = """\
[X]  ominicontacto_app.0001_initial
[ ]  ominicontacto_app.0002_campana_whatsapp
[ ]  reportes_app.0007_more (2 squashed)
"""


def test_open_entries_are_those_that_are_pending() -> None:
    assert pending(PRINTED) == ("ominicontacto_app.0002_campana_whatsapp", "reportes_app.0007_more")


def test_nothing_is_pending_where_every_entry_is_done() -> None:
    assert pending(PRINTED.splitlines()[0]) == ()


@pytest.mark.parametrize("printed", ["", "\n", "Error: no such container\n"])
def test_what_lists_no_migration_does_not_say_that_none_is_pending(printed: str) -> None:
    assert pending(printed) is None


def test_asking_changes_nothing() -> None:
    assert "showmigrations" in PENDING
    assert "migrate" not in PENDING
