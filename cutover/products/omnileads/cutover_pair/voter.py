"""A session to the PostgreSQL of one voter: what it answers, and what this host claims there."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg2  # type: ignore[import-untyped]

from .claim import PREFIX, Claim

PAUSE = 0.4
"""Seconds between two questions."""

HURRY = 0.05
"""The same while roles change."""

QUESTION = """
select pg_is_in_recovery(),
  case when pg_is_in_recovery()
    then coalesce((select received_tli from pg_stat_wal_receiver), (select timeline_id from pg_control_checkpoint()))
    else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int end,
  (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end - '0/0'::pg_lsn)::bigint,
  exists (select from pg_stat_wal_receiver where status = 'streaming'),
  exists (select from pg_stat_replication where state = 'streaming'),
  extract(epoch from now() - pg_last_xact_replay_timestamp())::float8,
  current_setting('synchronous_standby_names') <> '',
  (select coalesce(array_agg(name::text), '{}') from pg_settings where pending_restart),
  (select coalesce(json_agg(json_build_array(application_name,
      extract(epoch from clock_timestamp() - query_start))), '[]')
    from pg_stat_activity where application_name like 'cutover-pair %' and pid <> pg_backend_pid())
"""


@dataclass(frozen=True)
class Answer:
    """
    What a voter answered at `received` to a question sent at `sent` (time.monotonic), when this host's claim there was
    `claim`.

    `claims` are the names of other guards' sessions, each with the age of its last word in seconds. `lsn` is a number
    of bytes, `behind` the age of the newest transaction replayed. `owner` is set by the third voter alone.
    """

    sent: float
    received: float
    claim: Claim
    recovery: bool
    timeline: int
    lsn: int
    streams: bool
    followed: bool
    behind: float | None
    synchronous: bool
    pending: list[str]
    claims: list[tuple[str, float]]
    owner: str = ""


@dataclass
class Voter:
    """
    Keeps a session to one voter and asks again and again, in a thread of its own; the newest answer is `answer`.

    `claim` is set from outside and is said with the next question.
    """

    node: str
    name: str
    address: str
    password: str
    keeps_owner: bool
    claim: Claim = field(default_factory=Claim)
    answer: Answer | None = None
    problem: str = ""
    pause: float = PAUSE
    _ask: threading.Event = field(default_factory=threading.Event)
    _own: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Begin to ask."""
        threading.Thread(target=self._run, name=self.name, daemon=True).start()

    def say(self, claim: Claim) -> None:
        """Have a claim said, at once when it is a new one."""
        if claim != self.claim:
            self.claim = claim
            self._ask.set()

    def hurry(self, hurry: bool) -> None:
        """Ask more often for a while."""
        before, self.pause = self.pause, HURRY if hurry else PAUSE
        if self.pause < before:
            self._ask.set()

    def give(self, owner: str) -> None:
        """Have the third voter keep another owner of the right to write. Raises psycopg2.Error."""
        with contextlib.closing(self._connect()) as session, session.cursor() as cursor:
            cursor.execute("update cutover.writer set node = %s, since = now()", (owner,))

    def _connect(self) -> Any:
        session = psycopg2.connect(
            host=self.address,
            dbname="repmgr",
            user="cutover",
            password=self.password,
            connect_timeout=2,
            tcp_user_timeout=1500,
            keepalives_idle=1,
            keepalives_interval=1,
            keepalives_count=2,
            application_name=PREFIX,
            options="-c statement_timeout=1500 -c synchronous_commit=local",
        )
        session.autocommit = True
        return session

    def _run(self) -> None:
        while True:
            try:
                with contextlib.closing(self._connect()) as session, session.cursor() as cursor:
                    self._ask_on(cursor)
            except Exception as error:
                # whatever it is, the answer is missing; the guard goes on
                self.problem = str(error).strip() or type(error).__name__
            time.sleep(self.pause)

    def _ask_on(self, cursor: Any) -> None:
        said = None
        while True:
            self._ask.clear()
            claim, sent = self.claim, time.monotonic()
            if claim != said:
                cursor.execute("select set_config('application_name', %s, false)", (claim.name(self.node),))
                said = claim
                sent = time.monotonic()
            cursor.execute(QUESTION)
            row = cursor.fetchone()
            owner = ""
            if self.keeps_owner:
                cursor.execute("select node from cutover.writer")
                owner = (cursor.fetchone() or ("",))[0]
            recovery, timeline, lsn, streams, followed, behind, synchronous, pending, sessions = row
            self.answer = Answer(
                sent=sent,
                received=time.monotonic(),
                claim=claim,
                recovery=recovery,
                timeline=timeline,
                lsn=lsn,
                streams=streams,
                followed=followed,
                behind=behind,
                synchronous=synchronous,
                pending=pending,
                claims=[(name, float(age)) for name, age in sessions],
                owner=owner,
            )
            self.problem = ""
            self._ask.wait(self.pause)
