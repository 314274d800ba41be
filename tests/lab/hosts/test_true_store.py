"""Streams to a true S3 store, Ceph's gateway, also when it loses its power in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cutover.hosts.courier import Codec, Copied, Sent, copy, objection
from cutover.hosts.job import carry_out
from cutover.secret import Secret
from cutover.storage.bucket import Bucket
from tests.lab.ceph import gateway
from tests.lab.ceph.gateway import Gateway
from tests.lab.conftest import MakeHosts
from tests.lab.hosts.bench import BUCKET, Bench, copies
from tests.lab.lab import Lab
from tests.lab.s3 import client

pytestmark = pytest.mark.lab

KEY = "backup/stream"
AS_IT_IS = Codec(zstd=False)
SLOW = ["for i in $(seq 100); do head -c 1M /dev/urandom; sleep 0.1; done"]


@pytest.fixture(scope="module")
def ceph(lab: Lab) -> Iterator[Gateway]:
    made = gateway.serve(lab)
    client(made).create_bucket(Bucket=BUCKET)
    yield made
    lab.remove([made.host])


@pytest.fixture(scope="module")
def bench(lab: Lab, ceph: Gateway, module_hosts: MakeHosts, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    (host,) = module_hosts(1, layer="omnileads", names=["jobs"])
    made = Bench.make(lab, host, tmp_path_factory.mktemp("tenants"))
    bucket = Bucket(BUCKET, ceph.url, ceph.region, Secret(ceph.access_key), Secret(ceph.secret_key))
    return replace(made, place=replace(made.place, bucket=bucket))


def test_a_stream_and_copies_of_it_are_what_was_sent(bench: Bench) -> None:
    async def whole() -> None:
        async with bench.operation() as this, bench.store() as store:
            sent = await bench.save(this, store, KEY, ["head -c 40M /dev/urandom"], codec=AS_IT_IS)
            assert isinstance(sent, Sent), sent
            assert sent.confirmed
            assert len(sent.etags) == 3
            state = await carry_out(this, bench.name, copy("copies", copies(store, [KEY, "gone"], "acme/")))
            assert Copied.of(state) == Copied({KEY: (sent.size, sent.sha256)}, ("gone",))
            for key in (KEY, f"acme/{KEY}"):
                found = await bench.bring(this, store, key, sent, ["cat >/dev/null"], codec=AS_IT_IS)
                assert found.status == 0, found.log

    asyncio.run(whole())


def test_a_signature_that_does_not_fit_is_refused_at_once(bench: Bench) -> None:
    wrong = replace(bench.place.bucket, secret_key=Secret("another"))
    stranger = replace(bench, place=replace(bench.place, bucket=wrong))

    async def whole() -> None:
        async with bench.operation() as this, bench.store() as store, stranger.store() as other:
            upload = await store.begin(KEY)
            urls = other.signed_parts(upload, range(1, 5))
            state = await carry_out(this, bench.name, bench.sending(["head -c 40M /dev/urandom"], urls))
            await store.abort(upload)
            found = objection(state, "a stream", "here")
            assert found is not None
            assert found.code == "CUT-713"
            assert "SignatureDoesNotMatch" in found.why

    asyncio.run(whole())


def test_a_store_that_loses_its_power_in_the_middle_gets_the_whole_stream(bench: Bench, ceph: Gateway) -> None:
    async def whole() -> None:
        async with bench.operation() as this, bench.store() as store:
            saving = asyncio.create_task(bench.save(this, store, KEY, SLOW, codec=AS_IT_IS))
            await asyncio.sleep(5)
            ceph.host.kill()
            ceph.host.start()
            await asyncio.to_thread(ceph.wait)
            sent = await saving
            assert isinstance(sent, Sent), sent
            state = await bench.bring(this, store, KEY, sent, ["cat >/dev/null"], codec=AS_IT_IS)
            assert state.status == 0, state.log
            assert sent.plain == 100 << 20

    asyncio.run(whole())
