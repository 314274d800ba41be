"""Streams that end together, and a store that is away for a while."""

from __future__ import annotations

import asyncio

import pytest

from cutover.errors import CutoverError, Finding
from tasks import shipment
from tasks.dump import both


def error(code: str) -> CutoverError:
    return CutoverError(Finding(code, "something is wrong", "here"))


def test_when_one_of_two_fails_the_other_is_ended_before_anything_is_said() -> None:
    ended: list[str] = []

    async def fails() -> None:
        await asyncio.sleep(0)
        raise error("CUT-711")

    async def lasts() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("the other")

    for pair in ((fails, lasts), (lasts, fails)):
        ended.clear()
        with pytest.raises(CutoverError, match="CUT-711"):
            asyncio.run(both(pair[0](), pair[1]()))
        assert ended == ["the other"]


def test_both_results_come_in_their_order() -> None:
    async def value(result: str, turns: int) -> str:
        for _ in range(turns):
            await asyncio.sleep(0)
        return result

    assert asyncio.run(both(value("left", 5), value("right", 1))) == ("left", "right")


@pytest.mark.parametrize("code", shipment.AWAY)
def test_a_store_that_comes_back_is_asked_again(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    async def ask() -> str:
        asked.append(1)
        if len(asked) < 2:
            raise error(code)
        return "answer"

    assert asyncio.run(shipment.patiently(ask)) == "answer"
    assert len(asked) == 2


def test_a_store_that_says_no_is_not_asked_again() -> None:
    asked: list[int] = []

    async def ask() -> None:
        asked.append(1)
        raise error("CUT-701")

    with pytest.raises(CutoverError, match="CUT-701"):
        asyncio.run(shipment.patiently(ask))
    assert len(asked) == 1


def test_a_store_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipment, "PATIENCE", 0.0)

    async def ask() -> None:
        raise error("CUT-700")

    with pytest.raises(CutoverError, match="CUT-700"):
        asyncio.run(shipment.patiently(ask))
