"""A store as Cutover uses it, tried on both stores of the lab: a fast one, and Ceph, whose answers are those of S3."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from cutover.errors import CutoverError
from cutover.hosts.operation import operation
from cutover.inventory import load
from cutover.secret import Secret
from cutover.storage.manifest import metadata
from cutover.storage.place import Place, own_place
from cutover.storage.store import Store, objection_to, opened
from tasks.stores import tunnel
from tests.lab import tenants
from tests.lab.conftest import MakeHosts
from tests.lab.lab import Lab
from tests.lab.s3 import Place as Served
from tests.lab.storage.places import direct, fetched, fresh, sent

pytestmark = pytest.mark.lab

WHOSE = metadata("acme", "20261120-021503-acme-1.26.0")
PART = 5 * (1 << 20)
PARTS = [bytes([number]) * PART for number in (1, 2)] + [b"the rest"]


def test_small_objects_are_written_read_listed_and_deleted(served: Served) -> None:
    async def body() -> None:
        async with direct(place) as store:
            await store.put("backup/a", b"hello", WHOSE)
            await store.put("backup/empty", b"")
            assert await store.get("backup/a") == b"hello"
            assert await store.peek("backup/a", 3) == b"hel"
            assert await store.peek("backup/empty") == b""
            head = await store.head("backup/a")
            assert head is not None
            assert (head.size, head.etag, head.metadata) == (5, hashlib.md5(b"hello").hexdigest(), WHOSE)  # noqa: S324
            first, second = await store.listed("backup/")
            assert (first.key, first.size, first.etag, second.key) == ("backup/a", 5, head.etag, "backup/empty")
            assert abs(datetime.now(UTC) - first.modified) < timedelta(minutes=5)
            await store.delete(["backup/empty", "backup/none", "backup/a"])
            assert await store.listed("") == []
            assert await store.head("backup/a") is None
            assert await objection_to(store) is None

    place = fresh(served)
    asyncio.run(body())


def test_what_a_host_sends_in_parts_by_signed_requests_is_one_object(served: Served) -> None:
    async def body() -> None:
        async with direct(place) as store:
            upload = await store.begin("backup/big", WHOSE)
            urls = store.signed_parts(upload, range(1, 4))
            etags = [await asyncio.to_thread(sent, *each) for each in zip(urls, PARTS, strict=True)]
            assert [each.strip('"') for each in etags] == [hashlib.md5(each).hexdigest() for each in PARTS]  # noqa: S324
            assert await store.listed("backup/") == []
            assert [(each.key, each.id) for each in await store.unfinished("backup/")] == [("backup/big", upload.id)]
            head = await store.complete(upload, etags)
            assert (head.size, head.metadata) == (sum(map(len, PARTS)), WHOSE)
            assert await store.unfinished("backup/") == []
            assert await asyncio.to_thread(fetched, store.signed_get("backup/big")) == b"".join(PARTS)
            assert await store.peek("backup/big", 4) == b"\1\1\1\1"

    place = fresh(served)
    asyncio.run(body())


def test_an_upload_that_is_thrown_away_leaves_nothing_and_cannot_be_completed(served: Served) -> None:
    async def body() -> None:
        async with direct(place) as store:
            upload = await store.begin("backup/big")
            etag = await asyncio.to_thread(sent, store.signed_parts(upload, range(1, 2))[0], PARTS[0])
            await store.abort(upload)
            await store.abort(upload)
            assert await store.unfinished("backup/") == []
            # Ceph says that another completion is under way
            with pytest.raises(CutoverError, match=r"CUT-70[34]"):
                await store.complete(upload, [etag])
            assert await store.listed("") == []

    place = fresh(served)
    asyncio.run(body())


def test_completing_again_after_a_lost_answer_gives_the_object(served: Served) -> None:
    async def body() -> None:
        async with direct(place) as store:
            upload = await store.begin("backup/big", WHOSE)
            etag = await asyncio.to_thread(sent, store.signed_parts(upload, range(1, 2))[0], PARTS[0])
            assert await store.complete(upload, [etag]) == await store.complete(upload, [etag])

    place = fresh(served)
    asyncio.run(body())


def test_a_signed_request_is_good_for_its_key_only(served: Served) -> None:
    async def body() -> None:
        async with direct(place) as store:
            await asyncio.to_thread(sent, store.signed_put("backup/mine"), b"mine")
            assert await store.get("backup/mine") == b"mine"
            other = Secret(store.signed_put("backup/mine").reveal().replace("mine", "yours"))
            with pytest.raises(HTTPError) as refused:
                await asyncio.to_thread(sent, other, b"yours")
            assert refused.value.code == 403

    place = fresh(served)
    asyncio.run(body())


def test_two_tenants_in_one_bucket_do_not_see_each_other(served: Served) -> None:
    async def body() -> None:
        async with direct(place) as acme, direct(replace(place, prefix="other/")) as other:
            await acme.put("backup/a", b"acme")
            await other.put("backup/b", b"other")
            await other.begin("backup/c")
            assert [each.key for each in await acme.listed("")] == ["backup/a"]
            assert await acme.unfinished("") == []
            assert await acme.head("backup/b") is None

    place = fresh(served)
    asyncio.run(body())


Wrong = Callable[[Place], Place]


def with_bucket(**changes: Any) -> Wrong:
    return lambda place: replace(place, bucket=replace(place.bucket, **changes))


WRONG: dict[str, tuple[Wrong, str, str]] = {
    "secret": (with_bucket(secret_key=Secret("wrong-secret-key")), "CUT-701", "secret key"),
    "access key": (with_bucket(access_key=Secret("wrong-access-key")), "CUT-701", "access key"),
    "bucket": (with_bucket(name="no-such-bucket"), "CUT-702", "create the bucket"),
    "port": (with_bucket(endpoint="http://127.0.0.1:9"), "CUT-700", "address of the bucket"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_refusal_says_what_to_do_and_shows_no_key(served: Served, what: str) -> None:
    async def body(store: Store, ask: Callable[[Store], Coroutine[Any, Any, object]]) -> None:
        with pytest.raises(CutoverError) as caught:
            await ask(store)
        (finding,) = caught.value.findings
        assert (finding.code, advice in finding.todo) == (code, True), finding
        assert store.place.bucket.name in finding.where
        for secret in (store.place.bucket.secret_key, store.place.bucket.access_key):
            assert secret.reveal() not in str(finding)

    async def all_of_them() -> None:
        async with direct(change(place)) as store:
            await body(store, lambda store: store.get("backup/a"))
            await body(store, lambda store: store.put("backup/a", b""))
            await body(store, lambda store: store.listed("backup/"))
            await body(store, lambda store: store.begin("backup/a"))
            found = await objection_to(store)
            assert found is not None
            assert found.code == code

    change, code, advice = WRONG[what]
    place = fresh(served)
    asyncio.run(all_of_them())


def test_an_object_that_is_not_there_is_named(served: Served) -> None:
    async def body() -> None:
        async with direct(place) as store:
            with pytest.raises(CutoverError, match=r"acme/backup/none") as caught:
                await store.get("backup/none")
            assert caught.value.findings[0].code == "CUT-703"

    place = fresh(served)
    asyncio.run(body())


def test_more_objects_are_listed_than_a_store_gives_at_once(lab: Lab) -> None:
    async def body() -> list[str]:
        async with direct(place) as store:
            return [each.key for each in await store.listed("2026-11-20/")]

    place = fresh(lab.store)
    folder = lab.store.data / place.bucket.name / "acme/2026-11-20"
    folder.mkdir(parents=True)
    for number in range(2100):
        (folder / f"{number:04}.mp3").touch()
    assert asyncio.run(body()) == [f"2026-11-20/{number:04}.mp3" for number in range(2100)]


def test_a_store_behind_a_host_is_reached_by_its_connection_and_again_after_it_was_lost(
    lab: Lab, hosts: MakeHosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        async with operation(load("acme", tmp_path)) as this, opened(place, tunnel) as store:
            await store.put("backup/a", b"by way of the host")
            # what hosts are given names the endpoint as they reach it
            assert store.signed_get("backup/a").reveal().startswith(f"{lab.store.url}/{place.bucket.name}/")
            host.run("pkill --signal KILL --full 'sshd: root'", check=False)
            assert await store.get("backup/a") == b"by way of the host"
            assert this.connections.round_trips

    (host,) = hosts(1, layer=None)
    monkeypatch.setenv("CUTOVER_SSH_KEY", str(lab.settings.key))
    secrets = {"bucket_access_key": lab.store.access_key, "bucket_secret_key": lab.store.secret_key}
    made = tenants.make(tmp_path, "acme", "aio", [host], secrets)
    made.add(f"minio_host: {lab.settings.gateway}")
    place = own_place(load("acme", tmp_path))
    assert (place.through, place.bucket.endpoint) == ("omnileads_aio", lab.store.url)
    lab.store.make_bucket(place.bucket.name)
    asyncio.run(body())
