"""A standby and how far it has followed its primary, by PostgreSQL's own positions in its log."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from cutover.hosts.database import Session

PAUSE = 0.2
"""Seconds between two looks at a standby."""

STILL = 5.0
"""Seconds after which a standby that does not follow anybody, or was told to wait, is given up."""

BEHIND = """
select coalesce(pg_wal_lsn_diff($1::text::pg_lsn, pg_last_wal_replay_lsn()), 1)::bigint,
  pg_last_xact_replay_timestamp(),
  exists (select from pg_stat_wal_receiver) and not pg_is_wal_replay_paused()
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """
    What a standby lacks: bytes of its primary's log, and when the newest transaction that it has was made.

    `follows` says whether it receives the log and makes use of it.
    """

    lacks: int
    newest: datetime | None
    follows: bool


async def position(primary: Session) -> str:
    """Return how far a primary has written its log: everything that was committed there lies before it."""
    return str(await primary.fetchval("select pg_current_wal_lsn()::text"))


async def follow(standby: Session, to: str, patience: float) -> Behind | None:
    """Wait until a standby shows all that lies before a position; return what it lacks after `patience` seconds."""
    clock = asyncio.get_running_loop().time
    began = clock()
    while True:
        behind = Behind(*(await standby.fetch(BEHIND, to))[0])
        if behind.lacks <= 0:
            return None
        if clock() >= began + (patience if behind.follows else STILL):
            return behind
        await asyncio.sleep(PAUSE)
