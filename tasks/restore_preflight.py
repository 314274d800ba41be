"""Everything that can be known to stop a restore is found before anything is touched, all of it together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from prefect.logging import get_run_logger

from cutover.amounts import bytes_in_words
from cutover.errors import CutoverError, Finding
from cutover.hosts import census, swap
from cutover.hosts.restoring import ASTERISK, REDIS, Found
from cutover.hosts.swap import Names, Standing
from cutover.inventory import Tenant
from cutover.plan.estimate import Estimate, Measured, estimate
from cutover.products.omnileads import saved
from cutover.products.omnileads.compatibility import PRODUCTIVE, postgres_findings, release_findings
from cutover.products.omnileads.placing import old_files, placing
from cutover.storage.catalogue import Backup, objections
from cutover.storage.keys import Kind
from cutover.storage.manifest import Stored
from cutover.storage.store import Store
from tasks.load import Dump, dump_of
from tasks.planning import Planned
from tasks.readers import Lacking, equip, look_at_readers
from tasks.restore_databases import server_session
from tasks.restore_pair import about_pair, serving
from tasks.restore_plan import SAFETY, Folder, Ground, Restoring, Server, new_names, of_kind
from tasks.step import step
from tasks.stores import found_in


@dataclass(frozen=True, slots=True)
class Present:
    """The server as it is: its major version, how the databases stand, size and content of the one that serves."""

    major: int
    may_create: bool
    standing: Standing
    size: int
    productive: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """The backup that is meant, the store it lies in, and what speaks against it."""

    backup: Backup
    store: Store
    problems: tuple[Finding, ...]


@step("backup to restore", timeout=600)
async def choose(places: Sequence[Store], tenant: Tenant, wanted: str) -> Choice:
    """
    Return the backup that is meant, with what is missing in it or not as it was.

    Without a name it is the newest that no restore has made: after a restore that was rolled back the newest one is
    its safety backup, of the very state that somebody wants to get away from. The tenant's own bucket is looked into
    as well: the old tool knew no other place. Raises CutoverError when there is none.
    """
    named = wanted or str(tenant.variables.restore_file_timestamp or "")
    store, backup = await found_in(places, tenant.name, named, but=SAFETY)
    problems = list(backup.problems)
    if backup.complete and backup.manifest is not None:
        problems += await objections(store, backup.manifest)
    if not backup.complete and not any(finding.fatal for finding in problems):
        todo = "choose another one, see `cutover backups`"
        problems.append(Finding("CUT-750", "the backup is not complete", backup.id, "", todo))
    return Choice(backup, store, tuple(dict.fromkeys(problems)))


@step("preflight database", timeout=600)
async def look_at_server(server: Server) -> Present:
    """Ask the tenant's database server what stands there and what this login may do."""
    async with server_session(server) as session:
        version = await census.server(session)
        may = await session.fetchval("select rolcreatedb or rolsuper from pg_roles where rolname = current_user")
        found = await swap.look(session, server.login.database)
        size = await swap.size(session, server.login.database)
    productive = found.current and await _productive(server)
    return Present(version.major, bool(may), found, size, productive)


async def _productive(server: Server) -> bool:
    """Whether there is a row in one of the tables that an installation leaves empty."""
    async with server_session(server, server.login.database) as session:
        for table in PRODUCTIVE:
            there = await session.fetchval("select to_regclass($1) is not null", table)
            if there and await session.fetchval(f"select exists (select from {table})"):  # noqa: S608
                return True
    return False


async def preflight(ground: Ground, places: Sequence[Store], wanted: str) -> Restoring:
    """
    Choose the backup, check everything that can be known to stop its restore, and return what is going to be done.

    Warnings are logged and kept. Raises CutoverError with all findings together when one of them is fatal.
    """
    tenant, server = ground.tenant, ground.server
    choice = await choose(places, tenant, wanted)
    backup, store = choice.backup, choice.store
    judge(finding for finding in choice.problems if finding.fatal)
    present = await look_at_server(server)
    folders, about_folders = await folders_of(backup, ground.found, store)
    dump, about_dump = await _dump(store, backup, tenant)
    measured = _estimate(backup, dump, present)
    names = new_names(server.login.database)
    lacking, about_hosts = await _about_hosts(ground, store, dump, folders)
    raised = (
        *choice.problems,
        *as_installed(ground.planned),
        *about_dump,
        *_about_backup(backup, tenant),
        *_about_server(server, present, _made_by(backup, dump), names),
        *_about_disk(ground, measured),
        *about_pair(ground.cluster, measured),
        *about_folders,
        *about_hosts,
    )
    judge(raised)
    await equip(lacking)
    assert dump is not None  # noqa: S101 - judged above
    return Restoring(
        tenant=tenant,
        planned=ground.planned,
        backup=backup,
        store=store,
        dump=dump,
        server=server,
        names=names,
        productive=present.productive,
        current=present.size,
        folders=folders,
        media=_media(tenant, backup, store),
        estimate=measured,
        warnings=tuple(finding for finding in raised if not finding.fatal),
        pair=serving(ground.cluster),
    )


async def _about_hosts(
    ground: Ground, store: Store, dump: Dump | None, folders: Sequence[Folder]
) -> tuple[Lacking, tuple[Finding, ...]]:
    """Return the packages that hosts lack which are going to read the backup, and what speaks against them."""
    keeper = saved.own_store(ground.tenant)
    readers = {ground.server.host, *(folder.host for folder in folders), *([keeper.name] if keeper else ())}
    hosts = {host: each for host, each in ground.planned.observed.items() if host in readers}
    encrypted = dump is not None and dump.parcel.codec.identity is not None
    todo = "open the network between them, or correct the bucket's address in the inventory"
    return await look_at_readers(store.place, hosts, todo, encrypted=encrypted)


def judge(found: Iterable[Finding]) -> None:
    """Log warnings; raise CutoverError with what is fatal, all of it."""
    found = tuple(found)
    for finding in found:
        if not finding.fatal:
            get_run_logger().warning("%s", finding)
    if fatal := [finding for finding in found if finding.fatal]:
        raise CutoverError(fatal)


async def _dump(store: Store, backup: Backup, tenant: Tenant) -> tuple[Dump | None, tuple[Finding, ...]]:
    """Return the database of a backup, or why it cannot be read."""
    if backup.manifest is None and backup.database_key is None:
        todo = "choose another one, see `cutover backups`"
        return None, (Finding("CUT-750", "there is no database in the backup", backup.id, "", todo),)
    try:
        return await dump_of(store, backup, tenant), ()
    except CutoverError as error:
        return None, error.findings


def as_installed(planned: Planned) -> Iterable[Finding]:
    """Yield what hosts lack of what their inventory asks for; components that merely do not run are no matter."""
    yield from planned.missing
    for host, plan in planned.plan.hosts.items():
        lacking = ", ".join(part for part in (plan.preparation(), plan.images(), plan.configuration()) if part)
        if lacking:
            todo = f"run `cutover install {planned.plan.tenant}` first, then restore"
            yield Finding("CUT-761", "the host is not as its inventory says", host, lacking, todo)


def _about_backup(backup: Backup, tenant: Tenant) -> Iterable[Finding]:
    if backup.proven is None:
        why, todo = "no drill has restored it", f"prove it first with `cutover drill {tenant.name} {backup.id}`"
        yield Finding("CUT-752", "the backup was never proven", backup.id, why, todo, fatal=False)
    yield from release_findings(backup.release, saved.release(tenant), backup.id)


def _made_by(backup: Backup, dump: Dump | None) -> str | None:
    """Return the PostgreSQL version that a backup comes from, None when nobody knows."""
    if backup.manifest is not None:
        return backup.manifest.postgres
    return str(dump.major) if dump is not None and dump.major is not None else None


def _about_server(server: Server, present: Present, made_by: str | None, names: Names) -> Iterable[Finding]:
    where = f"database {server.login.database} at {server.where}"
    yield from postgres_findings(made_by, present.major, where)
    if not present.may_create:
        why, todo = "CREATEDB is missing", f"ALTER ROLE {server.login.user} CREATEDB on that server"
        yield Finding("CUT-759", "the database beside the old one cannot be created", where, why, todo)
    if not names.fit:
        why = "names with `_old_` and a time behind them would be cut by PostgreSQL"
        yield Finding("CUT-763", "the database's name is too long", where, why, "rename it to at most 44 letters")


def _about_disk(ground: Ground, measured: Estimate) -> Iterable[Finding]:
    if ground.cluster is not None:
        return
    needed, server = bytes_in_words(measured.needed), ground.server
    if ground.tenant.postgres_external:
        why = f"about {needed} are needed on the server; an outside one cannot be asked"
        yield Finding("CUT-758", "it is not known whether the disk is large enough", server.where, why, fatal=False)
        return
    free = ground.planned.observed[server.host].disk_free
    if free < measured.needed:
        why = f"{bytes_in_words(free)} are free, the restored database beside the old one needs {needed}"
        todo = f"free space (`cutover release-old {ground.tenant.name}` removes former databases), or enlarge the disk"
        yield Finding("CUT-757", "the disk is too small for the restore", server.host, why, todo)


def _estimate(backup: Backup, dump: Dump | None, present: Present) -> Estimate:
    manifest, proof = backup.manifest, backup.proof
    size = dump.size if dump else 0
    load = (size, proof.seconds) if proof is not None and proof.seconds > 0 else None
    save = (manifest.census.size, (manifest.ended - manifest.begun) / timedelta(seconds=1)) if manifest else None
    stored = backup.size if backup.size is not None else 0
    return estimate(size, stored, present.size, Measured(load, save), safety=present.productive)


async def folders_of(
    backup: Backup, found: Mapping[str, Found], store: Store
) -> tuple[tuple[Folder, ...], tuple[Finding, ...]]:
    """Return the folders that the backup has for the tenant's hosts, and what is to be known of it."""
    if backup.manifest is None:
        return await _old_folders(backup, found, store)
    custom, about_custom = _placed("custom files", ASTERISK, of_kind(backup, Kind.ASTERISK), found)
    stored = of_kind(backup, Kind.REDIS)
    redis, about_redis = _placed("Redis data", REDIS, stored, found)
    # the two of a pair hold the same, of which one is saved
    alike = any(folder.host in stored for folder in redis)
    return (*custom, *redis), (*about_custom, *(() if alike else about_redis))


def _placed(
    what: str, kind: str, stored: Mapping[str, Stored], found: Mapping[str, Found]
) -> tuple[list[Folder], tuple[Finding, ...]]:
    targets = {host: each.folders[kind] for host, each in found.items() if kind in each.folders}
    placed = placing(what, tuple(stored), tuple(targets))
    folders = [Folder(what, host, targets[host], stored[source]) for host, source in placed.sources.items()]
    return folders, placed.findings


async def _old_folders(
    backup: Backup, found: Mapping[str, Found], store: Store
) -> tuple[tuple[Folder, ...], tuple[Finding, ...]]:
    """The old tool has one set of custom files for all hosts, and nothing of Redis."""
    prefix = backup.asterisk_prefix
    if prefix is None:
        why = "the old tool did not save them"
        return (), (Finding("CUT-751", "there are no custom files in the backup", backup.id, why, fatal=False),)
    wanted, aside = old_files(each.key.removeprefix(prefix) for each in await store.listed(prefix))
    files = {prefix + name: path for name, path in wanted.items()}
    folders = [
        Folder("custom files", host, each.folders[ASTERISK], files=files)
        for host, each in found.items()
        if ASTERISK in each.folders and files
    ]
    why = f"{len(aside)} files, for instance {aside[0]}: they belong into Asterisk's image" if aside else ""
    findings = (Finding("CUT-751", "not all of Asterisk's files are restored", prefix, why, fatal=False),)
    return tuple(folders), findings if aside else ()


def _media(tenant: Tenant, backup: Backup, store: Store) -> Stored | None:
    """Return the index of recordings, where they have to be copied back: into the tenant's own MinIO from elsewhere."""
    if backup.manifest is None or saved.own_store(tenant) is None or store.place.own:
        return None
    return next(iter(backup.manifest.of(Kind.MEDIA)), None)
