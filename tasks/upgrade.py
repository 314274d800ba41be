"""An upgrade with its way back: survey, backup, images everywhere, then the change itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from prefect.logging import get_run_logger

from cutover.amounts import bytes_in_words
from cutover.errors import CutoverError, Finding
from cutover.hosts import swap
from cutover.hosts.swap import Names
from cutover.inventory import Role, Tenant
from cutover.plan.estimate import MARGIN, SPACE
from cutover.plan.observed import ObservedHost
from cutover.plan.upgrade import changes, written
from cutover.storage.catalogue import backups
from cutover.storage.standing import newest_proven
from tasks import backup_preflight
from tasks.apply import CONFIGURE, PREPARE, PULL, Work
from tasks.artifacts import ResultRow, counted
from tasks.backup import back_up, clear_remains
from tasks.calls import about_calls
from tasks.changeover import Changeover, begin, confirm, tidy
from tasks.changeover_undo import undo
from tasks.planning import Planned
from tasks.report import Report
from tasks.restore import CANCELLED, database_server
from tasks.restore_databases import server_session
from tasks.restore_plan import Server, new_names, server_of
from tasks.restore_settle import drop_scratch
from tasks.step import step
from tasks.stores import backup_store
from tasks.upgrade_migration import migrate, migrating_service, pending, set_aside, stop_schema_users
from tasks.upgrade_plan import Upgrading
from tasks.verdict import demand_health, write_records

WHY = "before upgrade"
"""What the manifest of the backup says it is for."""

FRESH_ENOUGH = timedelta(days=1)


async def survey(tenant: Tenant, planned: Planned, cut_calls: bool = False) -> Upgrading:
    """
    Find out everything about an upgrade that can be known before anything is touched.

    The images are on the hosts by then. Raises CutoverError: the new release cannot read the schema, the disk is too
    small for the copy of the database, or the backup before it cannot be made.
    """
    moves, server, size = await _schema(tenant, planned)
    ready, said = await _backup(tenant, planned.observed)
    releases = {host.record.release for host in planned.observed.values() if host.record.release}
    return Upgrading(
        tenant=tenant,
        planned=planned,
        server=server,
        names=new_names(server.login.database),
        before=", ".join(sorted(releases)),
        changes=changes(planned.plan, planned.desired, planned.observed),
        pending=moves,
        size=size,
        ready=ready,
        backup=said,
        calls=about_calls(planned.plan, tenant, cut=cut_calls),
    )


def demand_installed(planned: Planned) -> None:
    """Raise CutoverError (CUT-800) for every host that no install has finished on."""
    bare = [host for host, found in planned.observed.items() if not found.record.at]
    if bare:
        todo = f"run `cutover install {planned.plan.tenant}` first"
        raise CutoverError(Finding("CUT-800", "the tenant is not installed", host, "", todo) for host in bare)


async def _schema(tenant: Tenant, planned: Planned) -> tuple[tuple[str, ...], Server, int]:
    """Return the migrations to come, the database's server, and its size when there are any."""
    found = migrating_service(planned)
    moves = await pending(*found, planned) if found else ()
    if not moves:
        return (), server_of(tenant, ""), 0
    _demand_all_of_it(planned, moves)
    server = await database_server(tenant, planned)
    size = await database_size(server.host, server)
    _demand_space(tenant, planned.observed, server, size)
    _demand_short_name(server)
    return moves, server, size


@step("size of database of {host}", timeout=90)
async def database_size(host: str, server: Server) -> int:
    """Return the size of the tenant's database in bytes."""
    async with server_session(server) as session:
        return await swap.size(session, server.login.database)


def _demand_all_of_it(planned: Planned, moves: Sequence[str]) -> None:
    if planned.part:
        why = f"it brings {counted(len(moves), 'migration')} of the schema, which other components use as well"
        todo = f"upgrade all of it: `cutover upgrade {planned.plan.tenant}`"
        where = ", ".join(sorted(planned.part))
        raise CutoverError(Finding("CUT-806", "these components cannot be upgraded alone", where, why, todo))


def _demand_space(tenant: Tenant, observed: Mapping[str, ObservedHost], server: Server, size: int) -> None:
    needed = int(size * SPACE) + MARGIN
    own = [] if tenant.postgres_external else [server.host]
    holders = [host.name for host in tenant.hosts_of(Role.SQL)] or own
    small = [host for host in holders if observed[host].disk_free < needed]
    if small:
        free = ", ".join(bytes_in_words(observed[host].disk_free) for host in small)
        why = f"{free} are free; the database is kept beside as it was, which needs {bytes_in_words(needed)}"
        todo = f"free space (`cutover release-old {tenant.name}` removes former databases), or enlarge the disk"
        raise CutoverError(Finding("CUT-803", "the disk is too small for the upgrade", ", ".join(small), why, todo))


def _demand_short_name(server: Server) -> None:
    if not Names(server.login.database, f"{datetime.now(UTC):%Y%m%d%H%M%S}").fit:
        why = "names with `_old_` and a time behind them would be cut by PostgreSQL"
        where = f"database {server.login.database}"
        todo = "rename it to at most 44 letters"
        raise CutoverError(Finding("CUT-763", "the database's name is too long", where, why, todo))


async def _backup(tenant: Tenant, observed: Mapping[str, ObservedHost]) -> tuple[backup_preflight.Ready | None, str]:
    """Return what the backup before the upgrade needs, by the tenant's policy, and that policy's outcome in words."""
    policy = tenant.variables.upgrade_backup
    if policy == "none":
        return None, "none, as `upgrade_backup` says"
    if policy == "proven":
        async with backup_store() as store:
            proven = newest_proven(await backups(store, tenant.name))
        if proven is not None and proven.at is not None and datetime.now(UTC) - proven.at < FRESH_ENOUGH:
            return None, f"{proven.id}, proven"
    return await backup_preflight.preflight(tenant, observed), "a fresh one is made first"


async def save(it: Upgrading, report: Report) -> None:
    """Back the tenant up, when its policy asks for it."""
    if it.ready is not None:
        await clear_remains(it.tenant)
        made = await back_up(it.tenant, it.ready, report, WHY, recordings=False)
        get_run_logger().info("saved as %s", made.id)


async def upgrade_with_way_back(it: Upgrading, report: Report) -> None:
    """Change the tenant; whatever fails, or when the run is cancelled, what ran before serves again at the end."""
    this = Changeover(
        "upgrade",
        it.tenant,
        it.planned,
        it.server,
        it.names,
        it.before,
        {host: written(plan) for host, plan in it.planned.plan.hosts.items()},
        bool(it.pending),
    )
    try:
        await _change(it, this, report)
    except BaseException as error:
        within = None if isinstance(error, Exception) else CANCELLED
        await asyncio.shield(undo(this, report, within))
        raise
    await tidy(this)


async def _change(it: Upgrading, this: Changeover, report: Report) -> None:
    """Bring a tenant to its new state and confirm it; raises CutoverError when something does not answer."""
    await begin(this)
    work = await Work.of(it.planned, report)
    await work.through(CONFIGURE)
    if it.pending:
        await _move_schema(it, report)
    await work.start_components()
    answering = await demand_health(it.planned)
    await write_records(it.planned)
    await confirm(this)
    report.conclude("Completed", f"{it.after} serves; all {answering} components answer")


async def _move_schema(it: Upgrading, report: Report) -> None:
    found = migrating_service(it.planned)
    assert found is not None  # noqa: S101 - it has brought the migrations
    # a host that went back by itself has kept the copy that the schema had moved on
    await drop_scratch(it.server.host, it.server)
    await stop_schema_users(it.planned)
    await set_aside(it.server.host, it)
    report.add([ResultRow(it.server.host, "database", "copy", "ok", None, f"as it was: {it.names.old}")])
    await migrate(*found, it.planned)
    report.add([ResultRow(found[0], "schema", "migrate", "ok", None, ", ".join(it.pending))])


async def fetch(planned: Planned, report: Report) -> None:
    """Put packages and images onto every host; what runs is not touched."""
    work = await Work.of(planned, report)
    await work.through(PREPARE)
    await work.through(PULL)
