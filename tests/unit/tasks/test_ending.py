"""Does a run hear that it is to end, whatever runs just then?"""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from prefect.exceptions import TerminationSignal

from tasks import ending

LONG = 20.0


def raise_it() -> None:
    raise TerminationSignal(signal.SIGTERM)


async def undone(begun: list[str]) -> None:
    """Wait long; when that is ended, do something that takes a while and must not be cut off."""
    try:
        await asyncio.sleep(LONG)
    except asyncio.CancelledError:
        await asyncio.shield(asyncio.sleep(0.01))
        begun.append("undone")
        raise


def test_a_signal_that_meets_a_callback_ends_the_run_as_one_that_meets_nothing() -> None:
    async def run() -> None:
        ending.heed()
        asyncio.get_running_loop().call_soon(raise_it)
        await undone(begun)

    begun: list[str] = []
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert begun == ["undone"]


def test_whatever_else_goes_wrong_in_a_callback_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> str:
        ending.heed()
        asyncio.get_running_loop().call_soon(os.stat, "/nowhere")
        await asyncio.sleep(0.01)
        return "done"

    assert asyncio.run(run()) == "done"
    assert "/nowhere" in caplog.text


def test_a_step_that_the_signal_meets_ends_those_beside_it() -> None:
    async def met() -> None:
        await asyncio.sleep(0)
        try:
            raise_it()
        except TerminationSignal:
            ending.end()
            raise

    async def run() -> None:
        await asyncio.gather(met(), undone(begun), return_exceptions=True)

    begun: list[str] = []
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert begun == ["undone"]
