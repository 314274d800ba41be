"""
A client that writes through an address twenty times a second and keeps a ledger of what the server acknowledged.

    with kept(Place("10.99.0.201", 5432, "omnileads", "omnileads", password), tmp_path) as ledger:
        ledger.wait_for_writes()
        primary.kill()
        ledger.wait_for_writes()
    assert ledger.lost() == []

It is a process of its own, so that what the test does meanwhile costs it nothing. Its connections are given up after a
second without an answer, as a client behind a virtual IP has to.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from secrets import token_hex
from typing import Any

import asyncpg

from cutover.hosts.database import SESSION_ERRORS
from tests.lab.tenants import PROJECT
from tests.lab.waiting import wait_for

EVERY = 0.05
"""Seconds between two writes."""

PATIENCE = 1.0
"""Seconds after which a write or a login counts as lost."""

TABLE = "create table if not exists ledger (run text, number bigint, primary key (run, number))"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client writes, and as whom."""

    address: str
    port: int
    database: str
    user: str
    password: str

    async def connect(self) -> asyncpg.Connection[Any]:
        """Log in."""
        return await asyncpg.connect(
            host=self.address,
            port=self.port,
            database=self.database,
            user=self.user,
            password=self.password,
            timeout=PATIENCE,
        )


class Ledger:
    """What was acknowledged, as the client has written it down: the time and the number of each write."""

    def __init__(self, place: Place, run: str, file: Path, inside: tuple[str, ...]) -> None:
        self.place, self.run, self.file, self.inside = place, run, file, inside

    def acknowledged(self) -> list[tuple[float, int]]:
        """Return when each acknowledged write was acknowledged, and its number."""
        lines = self.file.read_text().splitlines(keepends=True)
        return [(float(at), int(number)) for at, number in (line.split() for line in lines if line.endswith("\n"))]

    def wait_for_writes(self, limit: float = 120.0, count: int = 5) -> None:
        """Wait until so many writes more are acknowledged."""
        before = len(self.acknowledged())
        wait_for("writes that are acknowledged", lambda: len(self.acknowledged()) >= before + count, limit, 0.05)

    def outage(self, since: float = 0.0) -> float:
        """Return the seconds of the longest time without an acknowledged write that ended after `since`."""
        times = [at for at, _ in self.acknowledged()]
        return max((later - earlier for earlier, later in pairwise(times) if later >= since), default=0.0)

    def lost(self) -> list[int]:
        """Return the acknowledged writes that the database at the address does not have."""
        words = [*self.inside, sys.executable, "-m", "tests.lab.ledger", "read"]
        asked = subprocess.run(
            words, input=self._orders(), text=True, cwd=PROJECT, check=True, capture_output=True, timeout=60
        )
        there = set(map(int, asked.stdout.split()))
        return [number for _, number in self.acknowledged() if number not in there]

    def _orders(self) -> str:
        return json.dumps({"place": asdict(self.place), "run": self.run})


@contextmanager
def kept(place: Place, folder: Path, namespace: str = "") -> Iterator[Ledger]:
    """
    Have a client write for a while, its ledger in `folder`; what it has written down is there afterwards too.

    `namespace` is the network namespace that it writes from, empty for the machine's own: Host.namespace makes it
    a client on that host.
    """
    run = token_hex(4)
    inside = ("nsenter", f"--net=/run/netns/{namespace}") if namespace else ()
    ledger = Ledger(place, run, folder / f"ledger-{run}", inside)
    words = [*inside, sys.executable, "-m", "tests.lab.ledger", "write"]
    with ledger.file.open("w") as out:
        client = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=out, text=True, cwd=PROJECT)
    assert client.stdin is not None
    try:
        client.stdin.write(ledger._orders())
        client.stdin.close()
        yield ledger
    finally:
        client.terminate()
        client.wait(10)


async def _write(place: Place, run: str) -> None:
    """Write for ever; a line for each write that was acknowledged."""
    session: asyncpg.Connection[Any] | None = None
    number = 0
    while True:
        due = time.monotonic() + EVERY
        number += 1
        try:
            async with asyncio.timeout(2 * PATIENCE if session is None else PATIENCE):
                if session is None:
                    session = await place.connect()
                    await session.execute(TABLE)
                await session.execute("insert into ledger values ($1, $2)", run, number)
            print(f"{time.time():.3f} {number}", flush=True)
        except SESSION_ERRORS:
            if session is not None:
                session.terminate()
            session = None
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def _read(place: Place, run: str) -> None:
    """Print the numbers that the database has."""
    session = await place.connect()
    for row in await session.fetch("select number from ledger where run = $1", run):
        print(row["number"])
    await session.close()


if __name__ == "__main__":
    orders = json.loads(sys.stdin.read())
    asyncio.run({"write": _write, "read": _read}[sys.argv[1]](Place(**orders["place"]), orders["run"]))
