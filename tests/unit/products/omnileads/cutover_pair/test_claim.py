"""What a host claims comes through the name of a session as it was said."""

from __future__ import annotations

from itertools import product

import pytest

from cutover.products.omnileads.cutover_pair.claim import Claim, claim_of


@pytest.mark.parametrize("said", list(product([True, False], repeat=3)))
@pytest.mark.parametrize("ended", [0, 0x3000028, (1 << 64) - 1])
def test_a_claim_is_read_as_it_was_said(said: tuple[bool, bool, bool], ended: int) -> None:
    claim = Claim(*said, ended)
    assert claim_of(claim.name("sql_1"), "sql_1") == claim


def test_the_claim_of_another_host_is_not_taken_for_it() -> None:
    assert claim_of(Claim(writes=True).name("sql_1"), "sql_2") is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "psql",
        "cutover-pair",
        "cutover-pair sql_1",
        "cutover-pair sql_1 w-- and more",
        "cutover-pair sql_1 w--more",
    ],
)
def test_other_sessions_claim_nothing(name: str) -> None:
    assert claim_of(name, "sql_1") is None


def test_postgresql_keeps_the_whole_name() -> None:
    assert len(Claim(True, True, True, (1 << 64) - 1).name("sql_1").encode()) < 64
