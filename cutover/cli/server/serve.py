"""
Prefect's server with one mend for SQLite: `python -m cutover.cli.server.serve`.

A statement that SQLite refuses ("database is locked") stays open in its cursor, which the error's traceback keeps. When
the garbage collector drops that cursor, on the thread of the event loop, CPython resets the statement and so waits for
whatever the connection does then on its own thread. If that is waiting for a lock, the whole server stands still until
SQLite gives up, 60 seconds later, and every run with it. So such a cursor is closed at once, where it belongs.
"""

from __future__ import annotations

import runpy
import sqlite3
import sys
from functools import wraps
from typing import Any

from aiosqlite import Cursor


def mend() -> None:
    """Have cursors of aiosqlite closed whose statement was refused."""
    execute = Cursor.execute

    @wraps(execute)
    async def closing(self: Cursor, sql: str, parameters: Any = None) -> Cursor:
        try:
            return await execute(self, sql, parameters)
        except sqlite3.Error:
            await self.close()
            raise

    Cursor.execute = closing  # type: ignore[method-assign]


def main() -> None:
    """Start the server in this process."""
    mend()
    sys.argv = ["prefect", "server", "start"]
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
