"""One backup of a tenant, from its first stream to its manifest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial

from cutover.amounts import bytes_in_words
from cutover.errors import CutoverError, Finding
from cutover.hosts import saving
from cutover.hosts.courier import Codec
from cutover.inventory import Tenant
from cutover.inventory.archive import archive
from cutover.products.omnileads import saved
from cutover.storage.catalogue import objections
from cutover.storage.keys import BACKUPS, Kind, manifest_key, new_id
from cutover.storage.manifest import Census, Manifest, Stored, metadata
from cutover.storage.store import Store
from tasks.artifacts import ResultRow, counted
from tasks.backup_preflight import CONFIGURATION, CUSTOM, Ready
from tasks.dump import LONGEST, save_database
from tasks.every import every, raise_together
from tasks.hosts import clear_jobs
from tasks.media import save_media
from tasks.report import Report, finding_row
from tasks.shipment import Part, Shipment, StoppedError, patiently
from tasks.step import step
from tasks.stores import backup_store
from tasks.tenants import this_run, who
from tasks.throughput import Throughput, rate_in_words

AT_ONCE = 4
"""Streams under way at the same time."""


@step("clear uploads", timeout=300)
async def clear_uploads(store: Store) -> None:
    """Throw away what backups of this tenant have begun to upload and not ended: none is under way beside this one."""
    for upload in await store.unfinished(BACKUPS):
        await store.abort(upload)


@step("{part.what} of {part.host}", retries=0, timeout=LONGEST)
async def save(part: Part, shipment: Shipment) -> Stored:
    """Have a host stream one part into the store."""
    return await shipment.send(part)


@step("manifest", retries=0, timeout=900)
async def conclude(store: Store, manifest: Manifest) -> None:
    """
    Ask the store for every object, then write the manifest: with it, and not before, there is a backup.

    Raises CutoverError when an object is missing or not as it was sent, or when there is no database among them (W03).
    """
    if not manifest.of(Kind.DATABASE):
        raise CutoverError(Finding("CUT-723", "there is no database in the backup", manifest.id))
    if found := await patiently(lambda: objections(store, manifest)):
        raise CutoverError(found)
    about = metadata(manifest.tenant, manifest.id)
    await patiently(lambda: store.put(manifest_key(manifest.id), manifest.content(), about))


async def clear_remains(tenant: Tenant) -> None:
    """End what backups that died have left, on the hosts and in the store."""
    await every((host.name for host in tenant.hosts), clear_jobs)
    async with backup_store() as store:
        await clear_uploads(store)


async def back_up(tenant: Tenant, ready: Ready, report: Report, why: str, *, recordings: bool = True) -> Manifest:
    """
    Save everything of a tenant that passed its preflight and return the manifest, which is then in the store.

    Without `recordings` the bucket's own objects are left out, for an operation that takes none of them away.
    Adds a row for every object and every warning to the report. Raises CutoverError when anything could not be saved;
    there is then no manifest, and nothing of this backup is left where the store can be asked.
    """
    begun = datetime.now(UTC)
    name = new_id(tenant.name, saved.release(tenant), begun)
    parts = parts_of(tenant, ready)
    async with backup_store() as store:
        throughput = await Throughput.of(tenant.name, ready.source.size + sum(part.weight for part in parts))
        codec = Codec(recipient=tenant.variables.backup_recipient)
        shipment = Shipment(store, tenant.name, name, codec, throughput)
        try:
            stored, census = await _Saving(tenant, ready, shipment, report).all(parts, recordings=recordings)
            manifest = Manifest(
                id=name,
                tenant=tenant.name,
                layout=tenant.layout,
                release=saved.release(tenant),
                digests=dict(ready.digests),
                postgres=ready.source.server.version,
                begun=begun,
                ended=datetime.now(UTC),
                run=this_run(),
                who=who(),
                why=why,
                encrypted_for=codec.recipient,
                objects=stored,
                census=census,
            )
            await conclude(store, manifest)
        except BaseException:
            await asyncio.shield(shipment.discard())
            raise
        await throughput.over()
    report.add(finding_row(finding) for finding in (*ready.warnings, *shipment.warnings))
    return manifest


def parts_of(tenant: Tenant, ready: Ready) -> list[Part]:
    """Return everything but the database and the recordings: the heaviest first, so that nothing big comes last."""
    found = []
    for host, folder in saved.custom_files(tenant):
        if CUSTOM in ready.weights[host.name]:
            lines, weight = saving.packed(folder, "."), ready.weights[host.name][CUSTOM]
            found.append(Part(Kind.ASTERISK, CUSTOM, host.name, lines, weight))
    for host in tenant.hosts:
        if CONFIGURATION in ready.weights.get(host.name, {}):
            paths = (path.removeprefix("/") for path in saved.configuration(tenant, host))
            lines, weight = saving.packed("/", *paths), ready.weights[host.name][CONFIGURATION]
            found.append(Part(Kind.CONFIGURATION, CONFIGURATION, host.name, lines, weight))
    redis = saved.redis(tenant)
    if redis and ready.observed[redis.host.name].runs(redis.container):
        lines, most = saving.redis_image(redis.container, redis.address), ready.observed[redis.host.name].memory
        found.append(Part(Kind.REDIS, "redis", redis.host.name, lines, 0, most))
    inventory, where = archive(tenant), ready.source.database.host.name
    given = {"folder": inventory}
    found.append(Part(Kind.INVENTORY, "inventory", where, saving.given("folder"), len(inventory), files=given))
    return sorted(found, key=lambda part: -part.weight)


class _Saving:
    """Everything of a backup on its way: several streams at a time, a row in the report for each."""

    def __init__(self, tenant: Tenant, ready: Ready, shipment: Shipment, report: Report) -> None:
        self._shipment, self._report = shipment, report
        self._source, self._host = ready.source, ready.source.database.host.name
        keeper = saved.own_store(tenant)
        self._keeper = keeper.name if keeper else self._host
        self._limit = asyncio.Semaphore(AT_ONCE)
        self._censuses: list[Census] = []

    async def all(self, parts: Sequence[Part], *, recordings: bool) -> tuple[list[Stored], Census]:
        """
        Save everything and return the objects and the database's census; the first failure ends the other streams.

        The recordings come last: whatever the dump speaks of is in the bucket by then.
        """
        works = [self._reported("database", self._host, self._database)]
        works += [self._reported(part.what, part.host, partial(self._part, part)) for part in parts]
        stored = _sound(await asyncio.gather(*works, return_exceptions=True))
        if recordings:
            stored.append(await self._reported("recordings", self._keeper, self._recordings))
        return stored, self._censuses[0]

    async def _database(self) -> tuple[Stored, str]:
        stored, census = await save_database(self._host, self._source, self._shipment)
        self._censuses.append(census)
        return stored, f"{counted(len(census.tables), 'table')}, {counted(census.rows, 'row')}"

    async def _part(self, part: Part) -> tuple[Stored, str]:
        return await save(part, self._shipment), ""

    async def _recordings(self) -> tuple[Stored, str]:
        return await save_media(self._keeper, self._shipment)

    async def _reported(self, what: str, host: str, work: Callable[[], Awaitable[tuple[Stored, str]]]) -> Stored:
        async with self._limit:
            began = time.monotonic()
            try:
                stored, words = await work()
            except BaseException as error:
                self._shipment.stop()
                result = "stopped" if isinstance(error, StoppedError) else "failed"
                self._report.add([ResultRow(host, what, "back up", result, round(time.monotonic() - began, 1))])
                raise
        self._report.add([_row(what, host, stored, words, time.monotonic() - began)])
        return stored


def _sound(results: Iterable[Stored | BaseException]) -> list[Stored]:
    """Return what was stored; raise what went wrong, without what was only stopped because of it."""
    results = tuple(results)
    errors = [result for result in results if isinstance(result, BaseException)]
    raise_together(error for error in errors if not isinstance(error, StoppedError))
    return [result for result in results if isinstance(result, Stored)]


def _row(what: str, host: str, stored: Stored, words: str, seconds: float) -> ResultRow:
    plain = stored.size if stored.plain is None else stored.plain
    sizes = f"{bytes_in_words(plain)} as {bytes_in_words(stored.size)}, {rate_in_words(plain, seconds)}"
    return ResultRow(host, what, "back up", "ok", round(seconds, 1), f"{sizes}; {words}" if words else sizes)
