"""What is no longer kept goes; a backup that is half deleted never looks whole, whenever the deleting is cut off."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cutover.errors import CutoverError
from cutover.storage import keys
from cutover.storage.catalogue import backups
from cutover.storage.keys import Kind
from cutover.storage.manifest import Stored
from cutover.storage.pruning import remove, survey
from cutover.storage.retention import Keep
from cutover.storage.store import Store
from tests.lab.lab import Lab
from tests.lab.s3 import Place as Served
from tests.lab.storage.filled import BODY, backed_up, everything
from tests.lab.storage.places import direct, fresh
from tests.unit.storage.examples import TENANT, manifest

pytestmark = pytest.mark.lab

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEEP = Keep(daily=2, weekly=0, monthly=0, yearly=0, safety_days=14, zone=ZoneInfo("UTC"))


def nights_ago(count: float) -> datetime:
    return NOW - timedelta(days=count)


async def prune(store: Store, now: datetime = NOW) -> None:
    pruning = await survey(store, TENANT, KEEP, now)
    for upload in pruning.uploads:
        await store.abort(upload)
    for going in reversed(pruning.going):
        await remove(store, going)


def test_w06_what_is_no_longer_kept_goes_and_nothing_else_does(served: Served) -> None:
    async def body() -> None:
        async with direct(fresh(served)) as store:
            for strange in (
                "backup/pgsql-backup-1681215859.sql",
                "backup/asterisk/1681215859/a.conf",
                "backup/notes.txt",
                "backup/manifests/1681215859.proof.json",
                "2020-01-01/call.mp3",
                "media_root/prompt.wav",
            ):
                await store.put(strange, b"--\n")
            await backed_up(store, nights_ago(40), tenant="acme-south")
            await backed_up(store, nights_ago(0.1))
            await backed_up(store, nights_ago(1.1))
            await backed_up(store, nights_ago(30.1), proven=True)
            stays = await everything(store)
            await backed_up(store, nights_ago(2.1))
            await backed_up(store, nights_ago(31.1), proven=True)
            await store.put(manifest(nights_ago(50)).objects[0].key, BODY)
            await prune(store)
            assert await everything(store) == stays
            assert (await survey(store, TENANT, KEEP, NOW)).empty

    asyncio.run(body())


def test_half_a_backup_is_left_alone_while_it_may_still_be_made(served: Served) -> None:
    async def body() -> None:
        async with direct(fresh(served)) as store:
            young, stale = manifest(nights_ago(1.9)), manifest(nights_ago(2.1))
            for half in (young, stale):
                await store.put(half.objects[0].key, BODY)
            await prune(store)
            assert list(await everything(store)) == [young.objects[0].key]

    asyncio.run(body())


def test_an_upload_that_nobody_ends_is_thrown_away(served: Served) -> None:
    async def body() -> None:
        async with direct(fresh(served)) as store:
            made = manifest(NOW).objects[0].key
            for key in (made, "2026-11-20/call.mp3", manifest(NOW, tenant="other").objects[0].key):
                await store.begin(key)
            later = datetime.now(UTC) + timedelta(hours=49)
            # a store says when an upload was begun, so it is not too old until then
            assert (await survey(store, TENANT, KEEP, datetime.now(UTC))).uploads == ()
            await prune(store, later)
            assert sorted(each.key for each in await store.unfinished("")) == sorted(
                ["2026-11-20/call.mp3", manifest(NOW, tenant="other").objects[0].key]
            )

    asyncio.run(body())


def test_a_pruning_that_is_cut_off_leaves_half_a_backup_that_the_next_one_sweeps(lab: Lab) -> None:
    async def body() -> None:
        place = fresh(lab.store)
        async with direct(place) as store:
            await backed_up(store, NOW, proven=True)
            await backed_up(store, nights_ago(1))
            stays = await everything(store)
            going = manifest(nights_ago(9))
            many = [
                Stored(kind=Kind.ASTERISK, host=f"voice_{n}", size=100, sha256="0" * 64, key=_key(going.id, n))
                for n in range(120)
            ]
            await backed_up(store, nights_ago(9), proven=True, objects=many)
            file = lab.store.data / place.bucket.name / place.prefix / many[60].key
            assert file.exists()
            deleting = asyncio.create_task(prune(store))
            # half of the objects are gone when the store goes away in the middle of a deletion
            while file.exists() and not deleting.done():  # noqa: ASYNC110  a store tells nobody what it deletes
                await asyncio.sleep(0.005)
            lab.store.stop()
            with pytest.raises(CutoverError, match="CUT-700"):
                await deleting
            lab.store.start()
            left = await everything(store)
            assert stays.keys() < left.keys()
            half = (await backups(store, TENANT))[-1]
            assert (half.id, half.half, half.complete, half.manifest, half.proof) == (going.id, True, False, None, None)
            await prune(store)
            assert await everything(store) == stays

    asyncio.run(body())


def test_after_every_single_deletion_the_backup_is_whole_with_a_manifest_or_half_without(lab: Lab) -> None:
    async def body() -> None:
        async with direct(fresh(lab.store)) as store:
            await backed_up(store, NOW, proven=True)
            await backed_up(store, nights_ago(1))
            made = await backed_up(store, nights_ago(9), proven=True)
            (going,) = (await survey(store, TENANT, KEEP, NOW)).going
            states = []
            for key in going.keys:
                await store.delete([key])
                found = {each.id: each for each in await backups(store, TENANT)}.get(made.id)
                states.append((keys.manifest_key(made.id) in await everything(store), bool(found and found.complete)))
            assert states == [(True, True), (False, False), (False, False), (False, False)]

    asyncio.run(body())


def test_two_prunings_at_once_leave_what_one_leaves(lab: Lab) -> None:
    async def body() -> None:
        async with direct(fresh(lab.store)) as store:
            for night in range(6):
                await backed_up(store, nights_ago(night))
            with contextlib.suppress(CutoverError):
                await asyncio.gather(prune(store), prune(store))
            assert [each.at for each in await backups(store, TENANT)] == [NOW, nights_ago(1)]

    asyncio.run(body())


def _key(backup: str, number: int) -> str:
    return keys.object_key(Kind.ASTERISK, backup, f"voice_{number}")
