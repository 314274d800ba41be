"""The new state is made beside the old one, and looked at, while the old one serves."""

from __future__ import annotations

import asyncio
from base64 import b64decode

from cutover.amounts import bytes_in_words
from cutover.errors import CutoverError, Finding
from cutover.hosts import census, courier, restoring, swap
from cutover.hosts.courier import COPIES, Copied, Copy
from cutover.hosts.job import Job, carry_out
from cutover.hosts.objects import objects
from cutover.hosts.operation import current
from cutover.hosts.script import call, script
from cutover.products.omnileads import saved
from cutover.products.omnileads.proving import USERS, needs_plperl, required
from cutover.storage import proving
from cutover.storage.media import Medium, media, parse
from cutover.storage.store import Store
from tasks.artifacts import ResultRow
from tasks.delivery import codec_for, deliver, parcel
from tasks.dump import LONGEST, as_census
from tasks.every import raise_together
from tasks.hosts import must_succeed
from tasks.load import Target, load
from tasks.report import Report
from tasks.restore_databases import server_session
from tasks.restore_pair import demand_same_primary
from tasks.restore_plan import Folder, Restoring
from tasks.step import step
from tasks.stores import own_store
from tasks.throughput import Throughput

INDEX = "/run/cutover/restore-index"
CUSTOM_MODE = "0644"


async def load_beside(it: Restoring, report: Report) -> None:
    """
    Load the database beside the one that serves, make the fresh folders, bring recordings back; check the database.

    Nothing that serves is changed. Raises CutoverError with everything that failed.
    """
    throughput = await Throughput.of(it.tenant.name, it.dump.parcel.size)
    database = load_database(it.server.host, it, throughput)
    works = [database, *(fill(str(folder), folder, it) for folder in it.folders)]
    results = await asyncio.gather(*works, return_exceptions=True)
    raise_together(result for result in results if isinstance(result, BaseException))
    words = await check(it.server.host, it)
    report.add([ResultRow(it.server.host, "database", "load beside", "ok", None, words)])
    report.add(ResultRow(folder.host, folder.what, "load beside", "ok") for folder in it.folders)
    if it.media is not None:
        report.add([ResultRow(it.server.host, "recordings", "copy back", "ok", None, await copy_back(it))])
    await throughput.over()


@step("load database of {host}", retries=0, timeout=LONGEST)
async def load_database(host: str, it: Restoring, throughput: Throughput) -> None:
    """Make the database beside the one that serves, empty, and load the backup into it."""
    async with server_session(it.server) as session:
        await demand_same_primary(session, it)
        await swap.drop(session, it.names.new)
        await swap.create_beside(session, it.names)
    target = Target(host, it.server.login.to(it.names.new), it.server.image)
    await load(it.store, it.dump, target, throughput)


@step("check database of {host}", retries=0, timeout=LONGEST)
async def check(host: str, it: Restoring) -> str:
    """
    Compare the database beside with its manifest, and look for what the application needs (W02).

    Returns in words what was found. Raises CutoverError with what is wrong: it never serves then.
    """
    async with server_session(it.server, it.names.new) as session:
        found = as_census(await census.census(session))
        present = await objects(session)
        await session.execute("analyze")
    needed = required(needs_plperl(it.backup.release, it.tenant))
    checks = proving.application(needed, present, USERS, found)
    if it.backup.manifest is not None:
        checks += proving.compare(it.backup.manifest.census, found)
    if wrong := proving.findings(checks, f"{it.backup.id} loaded on {host}"):
        raise CutoverError(wrong)
    return f"{len(found.tables)} tables, {found.rows} rows, {bytes_in_words(found.size)}; {len(checks)} checks hold"


@step("load {what}", retries=0, timeout=3600)
async def fill(what: str, folder: Folder, it: Restoring) -> None:
    """Make the fresh folder that takes a folder's place."""
    if folder.stored is None:
        await _fetch_files(folder, it)
        return
    manifest = it.backup.manifest
    assert manifest is not None  # noqa: S101 - only its objects are stored ones
    unpack = restoring.take_redis if folder.what == "Redis data" else restoring.unpack
    wanted = parcel(folder.stored, codec_for(manifest, it.tenant))
    await deliver(it.store, folder.host, wanted, unpack(folder.path, it.names.stamp))


async def _fetch_files(folder: Folder, it: Restoring) -> None:
    """Have a host fetch the old tool's files one by one."""
    files = [(it.store.signed_get(key).reveal(), name) for key, name in folder.files.items()]
    verify = it.store.place.bucket.verify
    order = restoring.wanted(files, folder.path, it.names.stamp, verify=verify)
    lines = restoring.fetch_files(folder.path, it.names.stamp, CUSTOM_MODE)
    state = await carry_out(current(), folder.host, Job("fetch-custom-files", lines, {"wanted": order}))
    if finding := courier.objection(state, folder.what, folder.host):
        raise CutoverError(finding)


async def copy_back(it: Restoring) -> str:
    """Copy recordings and prompts of the backup that the tenant's own bucket lacks back into it; return in words."""
    host = saved.own_store(it.tenant)
    assert host is not None and it.media is not None  # noqa: S101 - the plan says so
    return await recordings(host.name, it)


@step("recordings of {host}", retries=0, timeout=LONGEST)
async def recordings(host: str, it: Restoring) -> str:
    """Copy back what the backup's index names and the tenant's own bucket lacks."""
    index = await _index(host, it)
    async with own_store() as own:
        there = media(await own.listed(""))
        lacking = [each for key, each in index.items() if key not in there or there[key].size != each.size]
        for start in range(0, len(lacking), COPIES):
            await _copy(host, it.store, own, lacking[start : start + COPIES])
    return f"{len(lacking)} of {len(index)} objects were missing"


async def _copy(host: str, store: Store, own: Store, batch: list[Medium]) -> None:
    copies = [Copy(each.key, store.signed_get(each.key), own.signed_put(each.key), each.size) for each in batch]
    job = courier.copy("copy-back", copies, verify=own.place.bucket.verify, verify_source=store.place.bucket.verify)
    state = await carry_out(current(), host, job)
    if finding := courier.objection(state, "recordings", host):
        raise CutoverError(finding)
    if gone := Copied.of(state).gone:
        why = ", ".join(gone[:3])
        what = f"{len(gone)} recordings of the backup are not in the bucket of the backups any more"
        raise CutoverError(Finding("CUT-765", what, store.place.name, why, "take another backup"))


async def _index(host: str, it: Restoring) -> dict[str, Medium]:
    """Return the index of a backup's recordings; only its host can unpack it."""
    this, manifest = current(), it.backup.manifest
    assert it.media is not None and manifest is not None  # noqa: S101 - the plan says so
    await deliver(it.store, host, parcel(it.media, codec_for(manifest, it.tenant)), (f"cat >{INDEX}",))
    text = script((), [f"base64 --wrap=0 {INDEX} && {call('rm', '-f', INDEX)}"])
    output = await this.run(host, text, patience=300)
    must_succeed(host, output, "CUT-760", "the index of the recordings cannot be read")
    return parse(b64decode(output.stdout))
