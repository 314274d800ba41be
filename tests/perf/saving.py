"""
The backup's own steps, as calls to be timed.

To be imported once the environment says where Prefect's server is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import perf_counter

from prefect import flow

from cutover.hosts import saving as lines
from cutover.hosts.census import Server
from cutover.hosts.courier import COPIES, Codec, copy
from cutover.hosts.job import carry_out
from cutover.products.omnileads import saved
from cutover.storage.keys import Kind, new_id
from tasks.backup import save
from tasks.backup_preflight import Source
from tasks.dump import save_database
from tasks.shipment import Part, Shipment
from tasks.throughput import Throughput
from tests.lab.hosts.bench import BUCKET, IMAGE, Bench, copies
from tests.lab.lab import Lab
from tests.perf.big import CUSTOM, FILES
from tests.perf.high_water import HighWater


async def _within(bench: Bench, act: Callable[[Shipment], Awaitable[object]]) -> float:
    """
    Do something as the flow of a backup does it: holding the lease, with the bucket open; return the seconds it took.

    Connecting, taking the lease and beginning a run are the same however big the database is, and left out.
    """
    taken = 0.0

    @flow(name="saving")
    async def saving() -> None:
        nonlocal taken
        async with bench.operation(), bench.store() as store:
            throughput = await Throughput.of("bench", 1)
            shipment = Shipment(store, "bench", new_id("bench", "1.26.0", datetime.now(UTC)), Codec(), throughput)
            begun = perf_counter()
            await act(shipment)
            taken = perf_counter() - begun

    await saving()
    return taken


def database(bench: Bench, water: HighWater) -> Callable[[], object]:
    """Return (b): the backup's own step."""
    where = saved.database(bench.tenant)
    source = Source(where, bench.login, Server("15.0", standby=False), 3 << 30, IMAGE)

    def act() -> float:
        with water.watched():
            return asyncio.run(_within(bench, lambda shipment: save_database(bench.name, source, shipment)))

    return act


def custom_files(bench: Bench) -> Callable[[], object]:
    """Return the step that saves Asterisk's files."""
    part = Part(Kind.ASTERISK, "custom files", bench.name, lines.packed(CUSTOM, "."), 80_000_000)
    return lambda: asyncio.run(_within(bench, lambda shipment: save(part, shipment)))


def recordings(lab: Lab, bench: Bench) -> Callable[[], object]:
    """Return a copy of as many small objects from one place of the store to another, signed and carried out."""
    folder = lab.store.data / BUCKET / "2026-11-20"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number}.wav").write_bytes(b"RIFF" * (1000 + number % 500))
    # what was put there beside it, the store sees from its next start on
    lab.store.stop()
    lab.store.start()

    async def whole() -> None:
        async with bench.operation() as this, bench.store() as store:
            for first in range(0, FILES, COPIES):
                keys = [f"2026-11-20/{number}.wav" for number in range(first, min(first + COPIES, FILES))]
                state = await carry_out(this, bench.name, copy("recordings", copies(store, keys, "copied/")))
                if state.status or len(state.result["copied"]) != len(keys):
                    raise RuntimeError(f"{state.status} {state.log}")

    return lambda: asyncio.run(whole())
