from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import aiosqlite
import pytest

from cutover.cli.server.serve import mend


@pytest.fixture(autouse=True)
def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiosqlite.Cursor, "execute", aiosqlite.Cursor.execute)
    mend()


async def refused_cursor(path: Path) -> aiosqlite.Cursor:
    """Return the cursor of a write that SQLite refused, because another has written since the transaction read."""
    async with (
        aiosqlite.connect(path, isolation_level=None) as one,
        aiosqlite.connect(path, isolation_level=None) as two,
    ):
        await one.execute("pragma journal_mode = wal")
        await one.execute("create table t (x)")
        await one.execute("begin")
        await (await one.execute("select * from t")).fetchall()
        await two.execute("insert into t values (1)")
        cursor = await one.cursor()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            await cursor.execute("insert into t values (2)")
        return cursor


def test_a_refused_statement_does_not_stay_open_for_the_event_loop_to_wait_for(tmp_path: Path) -> None:
    cursor = asyncio.run(refused_cursor(tmp_path / "a.db"))
    with pytest.raises(sqlite3.ProgrammingError, match="closed cursor"):
        cursor._cursor.fetchone()


def test_what_is_not_refused_works_as_before(tmp_path: Path) -> None:
    async def rows() -> list[tuple[int]]:
        async with aiosqlite.connect(tmp_path / "a.db") as database:
            await database.execute("create table t (x)")
            await database.execute("insert into t values (?)", (7,))
            return [tuple(row) for row in await (await database.execute("select * from t")).fetchall()]

    assert asyncio.run(rows()) == [(7,)]
