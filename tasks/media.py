"""Recordings and prompts: copied from a tenant's own MinIO to where its backups are, each of them once; their index."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping

from cutover.errors import CutoverError, Finding
from cutover.hosts import courier, saving
from cutover.hosts.courier import COPIES, Copied, Copy
from cutover.hosts.job import JobState, carry_out
from cutover.hosts.operation import current
from cutover.products.omnileads import saved
from cutover.storage.keys import BACKUPS, Kind
from cutover.storage.manifest import Stored
from cutover.storage.media import (
    LEDGER,
    Medium,
    lines,
    media,
    packed_ledger,
    parse_ledger,
    still_copied,
)
from cutover.storage.store import Store
from tasks.shipment import Part, Shipment, judge, patiently
from tasks.step import step
from tasks.stores import own_store

LONGEST = 23 * 3600
KEPT_EVERY = 60.0
"""Seconds of copying after which the ledger is written down, so that a run that dies has not copied in vain."""


@step("recordings of {host}", retries=0, timeout=LONGEST)
async def save_media(host: str, shipment: Shipment) -> tuple[Stored, str]:
    """
    Copy what is new in the tenant's bucket, where it has to be copied, and send the index of everything in it.

    Returns the index as stored, and what was done in words. Raises CutoverError when an object cannot be copied, or is
    not there afterwards (CUT-729). What was copied before a failure stays, and is not copied again.
    """
    async with own_store() as own:
        found = media(await own.listed(""))
        words = f"{len(found)} objects stay where they are"
        if copies_media(shipment.store):
            found, words = await shipment.unless_stopped(f"recordings of {host}", _copy(host, shipment, own, found))
    # Nothing at all may have come from a source that broke: the index of an empty bucket is an empty line.
    index = lines(found.values()) or b"\n"
    part = Part(Kind.MEDIA, "index of recordings", host, saving.given("index"), len(index), files={"index": index})
    return await shipment.send(part), words


def copies_media(target: Store) -> bool:
    """Whether a tenant's recordings go into a store: they come from its own MinIO, and the store is another one."""
    return not target.place.own and saved.own_store(current().tenant) is not None


async def _copy(
    host: str, shipment: Shipment, own: Store, wanted: Mapping[str, Medium]
) -> tuple[dict[str, Medium], str]:
    """Return what the target holds of the wanted objects now, and in words how much of it was new."""
    target = shipment.store
    ledger = parse_ledger(await target.get(LEDGER)) if await target.head(LEDGER) else {}
    known = still_copied(wanted, ledger, await _sizes(target))
    new = [medium for key, medium in wanted.items() if key not in known]
    try:
        await _copy_all(host, shipment, own, new, known)
    finally:
        await asyncio.shield(_keep(target, known))
    await _demand_all(target, known)
    return known, f"{len(new)} of {len(wanted)} objects were new"


async def _copy_all(host: str, shipment: Shipment, own: Store, new: list[Medium], known: dict[str, Medium]) -> None:
    """Copy objects batch by batch; each batch that is done is added to what is `known`."""
    gone, kept = 0, time.monotonic()
    for batch in _batches(new):
        copies = await asyncio.to_thread(_signed, own, shipment.store, batch)
        before = gone

        async def seen(state: JobState, before: int = before) -> None:
            await shipment.throughput.seen(f"recordings of {host}", before + state.progress)

        job = courier.copy("backup-recordings", copies, verify=shipment.store.place.bucket.verify)
        state = await carry_out(current(), host, job, seen)
        judge(state, f"recordings of {host}", host)
        done = Copied.of(state)
        for medium in batch:
            if medium.key in done.objects:
                size, digest = done.objects[medium.key]
                known[medium.key] = Medium(medium.key, size, medium.etag, digest)
                gone += size
        if time.monotonic() - kept > KEPT_EVERY:
            kept = time.monotonic()
            await _keep(shipment.store, known)


def _batches(objects: list[Medium]) -> Iterator[list[Medium]]:
    return (objects[start : start + COPIES] for start in range(0, len(objects), COPIES))


def _signed(own: Store, target: Store, batch: Iterable[Medium]) -> list[Copy]:
    return [Copy(each.key, own.signed_get(each.key), target.signed_put(each.key), each.size) for each in batch]


async def _keep(target: Store, known: Mapping[str, Medium]) -> None:
    content = await asyncio.to_thread(packed_ledger, list(known.values()))
    await patiently(lambda: target.put(LEDGER, content))


async def _sizes(target: Store) -> dict[str, int]:
    return {each.key: each.size for each in await target.listed("") if not each.key.startswith(BACKUPS)}


async def _demand_all(target: Store, known: Mapping[str, Medium]) -> None:
    there = await _sizes(target)
    lost = sorted(key for key, medium in known.items() if there.get(key) != medium.size)
    if lost:
        why = f"{', '.join(lost[:3])}{f' and {len(lost) - 3} more' if len(lost) > 3 else ''}"
        todo = "ask the store's operator; then run the same command again"
        what = "the store does not hold what was copied"
        raise CutoverError(Finding("CUT-729", what, target.place.name, why, todo))
