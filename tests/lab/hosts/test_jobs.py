"""Jobs on a real host: streams to and from a bucket, and what becomes of them when something breaks."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

import pytest

from cutover.errors import CutoverError
from cutover.hosts import job
from cutover.hosts.courier import Codec, Copied, Sent, copy, objection
from cutover.hosts.job import Job, JobState, carry_out, clear
from cutover.hosts.lease import guard_lines
from cutover.hosts.operation import Operation
from cutover.hosts.script import script
from cutover.secret import Secret
from cutover.storage.store import Store
from tests.lab.conftest import MakeHosts
from tests.lab.hosts.bench import IMAGE, Bench, copies
from tests.lab.lab import Lab
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

KEY = "backup/database.dump.zst"
FILL = "create table calls as select n, md5(n::text) from generate_series(1, 200000) n; create database copy"
SUM = "select count(*), sum(hashtext(md5)) from calls"
SLOW = ["echo begun >>/var/tmp/begun", "for i in $(seq 150); do head -c 1M /dev/urandom; sleep 0.1; done"]
LOCKED = "podman exec --detach database psql -U omnileads -c 'begin; lock calls; select pg_sleep(600)' omnileads"
WAITING = "podman ps --quiet --filter name=cutover-job- | grep ."


@pytest.fixture(scope="module")
def bench(lab: Lab, module_hosts: MakeHosts, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    (host,) = module_hosts(1, layer="omnileads", names=["jobs"])
    made = Bench.make(lab, host, tmp_path_factory.mktemp("tenants"))
    made.serve()
    made.sql(FILL)
    return made


Act = Callable[[Operation, Store], Awaitable[None]]


def under_way(bench: Bench, act: Act) -> None:
    """Do something within an operation and with the bucket open."""

    async def whole() -> None:
        async with bench.operation() as this, bench.store() as store:
            await act(this, store)

    asyncio.run(whole())


def sent(found: Sent | JobState) -> Sent:
    assert isinstance(found, Sent), found
    return found


def code(found: Sent | JobState) -> str:
    """Return the code of why a transfer failed."""
    assert isinstance(found, JobState), found
    finding = objection(found, "the database", "here")
    assert finding is not None
    assert "X-Amz" not in str(finding)
    return finding.code


def nothing_left(bench: Bench) -> bool:
    return (
        bench.host.output("ls /run/cutover/jobs") == ""
        and bench.host.output("systemctl list-units --plain --no-legend 'cutover-job-*'") == ""
        and bench.host.output("podman ps --all --quiet --filter name=cutover-job-") == ""
    )


def test_w04_w22_a_database_comes_back_as_it_went_and_no_secret_is_seen_on_the_host(bench: Bench) -> None:
    identity = bench.host.output("age-keygen 2>/dev/null | tail -1")
    recipient = bench.host.run("age-keygen -y", stdin=identity).stdout.strip()
    seen: list[str] = []

    async def look(state: JobState) -> None:
        unit = "systemctl show 'cutover-job-*'"
        everything = f"{unit}; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '"
        seen.append(bench.host.output(everything))
        assert bench.host.output("find /run/cutover/jobs -perm /077 ! -name container") == ""

    async def act(this: Operation, store: Store) -> None:
        packed = Codec(recipient=recipient)
        there = sent(await bench.save(this, store, KEY, bench.dump(), codec=packed, seen=look))
        assert there.confirmed
        head = await store.head(KEY)
        assert head is not None
        assert head.size == there.size
        assert (await store.get(KEY))[:21] == b"age-encryption.org/v1"
        wanted = Codec(identity=Secret(identity))
        state = await bench.bring(this, store, KEY, there, bench.load("copy"), codec=wanted, seen=look)
        assert state.status == 0, state.log
        other = Codec(identity=Secret(bench.host.output("age-keygen 2>/dev/null | tail -1")))
        assert code(await bench.bring(this, store, KEY, there, ["cat >/dev/null"], codec=other)) == "CUT-718"

    under_way(bench, act)
    assert bench.sql(SUM, "copy") == bench.sql(SUM)
    assert any("pg_dump" in each for each in seen)
    for secret in (bench.login.password.reveal(), identity, "X-Amz-Signature"):
        assert not any(secret in each for each in seen)
    assert nothing_left(bench)


@pytest.mark.parametrize("why", ["no such database", "unknown snapshot", "killed", "nothing at all"])
def test_w03_a_source_that_fails_gives_no_object(bench: Bench, why: str) -> None:
    sources = {
        "no such database": bench.dump(bench.login.to("no-such-database")),
        "unknown snapshot": bench.dump(snapshot="00000009-0000009B-1"),
        "killed": ["head -c 30M /dev/urandom", "kill -9 $BASHPID"],
        "nothing at all": ["true"],
    }

    async def act(this: Operation, store: Store) -> None:
        key = f"backup/failed-{why.replace(' ', '-')}"
        found = await bench.save(this, store, key, sources[why])
        assert code(found) == ("CUT-712" if why == "nothing at all" else "CUT-711")
        assert await store.head(key) is None
        assert await store.unfinished("backup/") == []

    under_way(bench, act)
    assert nothing_left(bench)


def test_every_damage_of_an_object_is_named_by_a_code_of_its_own(bench: Bench) -> None:
    async def act(this: Operation, store: Store) -> None:
        there = sent(await bench.save(this, store, KEY, bench.dump()))
        whole = await store.get(KEY)

        async def found(content: bytes | None, sink: list[str]) -> str:
            if content is None:
                await store.delete([KEY])
            else:
                await store.put(KEY, content)
            return code(await bench.bring(this, store, KEY, there, sink))

        middle = len(whole) // 2
        flipped = whole[:middle] + bytes([whole[middle] ^ 4]) + whole[middle + 1 :]
        assert await found(flipped, ["cat >/dev/null"]) == "CUT-717"
        assert await found(whole[:-1000], bench.load("copy")) == "CUT-716"
        assert await found(None, bench.load("copy")) == "CUT-715"
        assert await found(whole, bench.load("no-such-database")) == "CUT-719"

    under_way(bench, act)
    assert nothing_left(bench)


def test_w05_the_first_error_of_plain_sql_ends_its_load_and_leaves_nothing_of_it(bench: Bench) -> None:
    bench.sql("create database plain")
    bad = "no such statement;\n"
    good = "create table one (n int);\nCOPY one FROM stdin;\n5\n\\.\n"

    async def act(this: Operation, store: Store) -> None:
        for text, status in ((good + bad, "CUT-719"), (good, "")):
            crlf = text.replace("\n", "\r\n").encode()
            await store.put(KEY, crlf)
            there = Sent(len(crlf), 0, hashlib.sha256(crlf).hexdigest(), (), ())
            packed = Codec(zstd=False, crlf=True)
            state = await bench.bring(this, store, KEY, there, bench.load("plain", plain=True), codec=packed)
            assert (code(state) if state.status else "") == status, state.log
            assert ("one" in bench.sql("\\dt", "plain")) == (status == "")

    under_way(bench, act)
    assert bench.sql("select n from one", "plain") == "5"


def test_a_host_that_is_cut_off_goes_on_and_is_found_again(bench: Bench) -> None:
    async def act(this: Operation, store: Store) -> None:
        saving = asyncio.create_task(bench.save(this, store, KEY, SLOW))
        await asyncio.sleep(4)
        bench.host.cut()
        await asyncio.sleep(14)
        bench.host.heal()
        assert sent(await saving).plain == 150 << 20

    under_way(bench, act)
    assert bench.host.output("cat /var/tmp/begun") == "begun"
    assert nothing_left(bench)


def test_a_store_that_is_gone_for_a_while_is_waited_for(bench: Bench, lab: Lab) -> None:
    async def act(this: Operation, store: Store) -> None:
        there = sent(await bench.save(this, store, KEY, ["head -c 60M /dev/urandom"], codec=Codec(zstd=False)))
        slowly = ["for i in $(seq 60); do head -c 1M; sleep 0.1; done >/dev/null"]
        bringing = asyncio.create_task(bench.bring(this, store, KEY, there, slowly, codec=Codec(zstd=False)))
        await asyncio.sleep(3)
        lab.store.stop()
        await asyncio.sleep(6)
        lab.store.start()
        state = await bringing
        assert state.status == 0, state.log

    under_way(bench, act)


def test_a_cancelled_run_takes_its_work_and_its_containers_along(bench: Bench) -> None:
    bench.host.run(LOCKED)

    async def act(this: Operation, store: Store) -> None:
        saving = asyncio.create_task(bench.save(this, store, "backup/cancelled", bench.dump()))
        await asyncio.to_thread(wait_for, "a dump that waits", lambda: holds(bench, WAITING), 180)
        saving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await saving
        assert await store.head("backup/cancelled") is None

    under_way(bench, act)
    assert nothing_left(bench)


def holds(bench: Bench, condition: str) -> bool:
    return bench.host.run(condition, check=False).returncode == 0


def test_what_a_dead_run_or_a_loss_of_power_has_left_is_cleared_by_the_next_operation(bench: Bench) -> None:
    waiting = Job("database", (f"podman run --rm --name=$JOB --cidfile=container --entrypoint=/bin/sleep {IMAGE} 500",))

    async def die(this: Operation, store: Store) -> None:
        """Start the work as a run does that is killed right then."""
        lease = this.required_lease()
        lines = [*guard_lines(lease), *job.start_lines(waiting, job.mark(waiting, lease.token))]
        assert "running" in (await this.run(bench.name, script(job.LIBRARIES, lines))).stdout

    async def next_one(this: Operation, store: Store) -> None:
        await clear(this, bench.name)

    under_way(bench, die)
    wait_for("the container of a dead run", lambda: holds(bench, WAITING), 180)
    under_way(bench, next_one)
    assert nothing_left(bench)

    async def lose_power(this: Operation, store: Store) -> None:
        working = asyncio.create_task(carry_out(this, bench.name, waiting))
        await asyncio.to_thread(wait_for, "a container", lambda: holds(bench, WAITING), 180)
        bench.host.kill()
        bench.host.start()
        with pytest.raises(CutoverError) as caught:
            await working
        assert {finding.code for finding in caught.value.findings} <= {"CUT-710", "CUT-212"}

    under_way(bench, lose_power)
    under_way(bench, next_one)
    assert nothing_left(bench)


def test_recordings_are_copied_in_the_store_and_those_deleted_meanwhile_are_told(bench: Bench) -> None:
    async def act(this: Operation, store: Store) -> None:
        contents = {f"2026-11-20/call {number}+ä.wav": b"x" * number for number in range(200)}
        for key, content in contents.items():
            await store.put(key, content)
        orders = copies(store, [*contents, "2026-11-20/gone.wav"], "acme/")
        state = await carry_out(this, bench.name, copy("recordings", orders))
        assert state.status == 0, state.log
        found = Copied.of(state)
        assert found.gone == ("2026-11-20/gone.wav",)
        assert found.objects == {
            key: (len(content), hashlib.sha256(content).hexdigest()) for key, content in contents.items()
        }
        assert {key: await store.get(f"acme/{key}") for key in contents} == contents

    under_way(bench, act)
