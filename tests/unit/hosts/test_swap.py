"""Names of databases during a restore: what can be read from them."""

from __future__ import annotations

from cutover.hosts.swap import Names, sealed_question, standing, swap_back_statement, swap_statement

STAMP = "20261120021503"
OLDER = "20261101021503"


def test_names_tell_how_things_stand() -> None:
    found = standing("oml", ["postgres", "oml", f"oml_new_{STAMP}", f"oml_old_{STAMP}", f"oml_old_{OLDER}"])
    assert found.current
    assert found.new == (STAMP,)
    assert found.old == (OLDER, STAMP)


def test_another_database_with_a_name_that_begins_alike_is_nobody_s_business() -> None:
    names = [
        f"oml2_new_{STAMP}",
        "oml_new",
        "oml_old_yesterday",
        f"oml_new_{STAMP}_x",
        f"xoml_old_{STAMP}",
        f"o.l_{STAMP}",
    ]
    found = standing("oml", names)
    assert (found.current, found.new, found.old) == (False, (), ())


def test_a_name_that_postgresql_would_cut_does_not_fit() -> None:
    assert Names("o" * 44, STAMP).fit
    assert not Names("o" * 45, STAMP).fit


def test_both_renames_are_one_statement_and_the_served_one_moves_first() -> None:
    statement = swap_statement(Names("oml", STAMP))
    away = statement.index(f'alter database "oml" rename to "oml_old_{STAMP}"')
    assert away < statement.index(f'alter database "oml_new_{STAMP}" rename to "oml"')
    assert statement.startswith("do ")


def test_swapping_back_needs_the_old_database() -> None:
    statement = swap_back_statement(Names("oml", STAMP))
    assert statement.index(f"datname = 'oml_old_{STAMP}'") < statement.index("alter database")


def test_a_confirmed_restore_is_not_swapped_back_and_its_mark_stands_for_no_other_one() -> None:
    names = Names("oml", STAMP)
    condition = f"is distinct from '{names.seal}'"
    assert condition in swap_back_statement(names)
    assert f"and not exists (select from pg_database where datname = '{names.old}'" in sealed_question(names)
    assert names.seal not in swap_back_statement(Names("oml", OLDER))


def test_names_are_quoted() -> None:
    assert '"o""m\'l" rename' in swap_statement(Names("o\"m'l", STAMP))
    assert "'o\"m''l'" in swap_statement(Names("o\"m'l", STAMP))
