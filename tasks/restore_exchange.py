"""
The outage: writers stop, the old state is saved, everything is exchanged by renames, writers start, all is confirmed.

Invariant: until `confirm` every host can get back to the old state by itself, and everything that is needed for it is
on that host. What is exchanged keeps its former self beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from cutover.errors import CutoverError, Finding, HostUnreachableError
from cutover.hosts import census, deadman, swap
from cutover.hosts.deadman import Switch
from cutover.hosts.operation import current
from cutover.hosts.restoring import DONE, EXCHANGING, JOURNAL, Journal
from cutover.products.omnileads.proving import TABLES
from cutover.products.omnileads.writers import WRITERS, units
from cutover.storage.manifest import Census
from tasks.artifacts import ResultRow
from tasks.backup import back_up
from tasks.backup_preflight import Ready
from tasks.deadman import arm, decide, demand_watch, disarm, sql_command
from tasks.dump import as_census
from tasks.every import every
from tasks.hosts import Health, must_succeed, verify
from tasks.report import Report, finding_row
from tasks.restore_databases import server_session
from tasks.restore_pair import demand_same_primary, seal, standby_apart
from tasks.restore_plan import SAFETY, Restoring
from tasks.restore_settle import write_journal
from tasks.restore_writers import start_writers, stop_writers
from tasks.step import step
from tasks.verdict import STARTING

REDIS = "redis"


@dataclass(slots=True)
class Exchange:
    """
    A restore and how far it has come: `armed` says that hosts watch it, `stopping` that writers may stand still,
    `confirming` that some hosts may not watch it any more.

    `safety` is what the safety backup needs, None where there is nobody's work to be saved.
    """

    it: Restoring
    safety: Ready | None
    armed: bool = False
    stopping: bool = False
    confirming: bool = False


async def exchange(this: Exchange, report: Report) -> None:
    """Put the new state into the old one's place and confirm that it serves; raises CutoverError when it does not."""
    it = this.it
    desired = it.planned.desired
    await write_journal(it.server.host, journal(it, EXCHANGING))
    this.armed = True
    await arm_all(it)
    this.stopping = True
    if this.safety is None:
        await stop_writers(desired)
    else:
        # Redis stays up for the safety backup, which holds what it has then
        await stop_writers(desired, keeping={REDIS})
        saved = await back_up(it.tenant, this.safety, report, SAFETY, recordings=False)
        get_run_logger().info("the old state is saved as %s", saved.id)
        await stop_writers(desired)
    report.add([ResultRow("", "writers", "stop", "ok")])
    await swap_folders(it)
    await swap_databases(it.server.host, it)
    report.add([ResultRow(it.server.host, "database", "exchange", "ok", None, f"the old one is {it.names.old}")])
    await start_writers(desired)
    await judge_served(it.server.host, it)
    await judge_components(it, report)
    await judge_standby(it, report)
    await confirm(this)


def journal(it: Restoring, phase: str) -> Journal:
    """Return what is written down of a restore."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Journal(it.names.stamp, phase, it.backup.id, str(flow_run.get_id() or ""), at)


def switch(it: Restoring, host: str) -> Switch:
    """Return what leads a host back to the old state."""
    own = host in it.server.hosts
    return Switch(
        what="restore",
        stamp=it.names.stamp,
        journal=JOURNAL,
        folders=it.folders_of(host),
        units=units(it.planned.desired, host),
        database=sql_command(it.tenant, it.server) if own else (),
        back=swap.swap_back_statement(it.names) if own else "",
        decides=own,
        sealed=swap.sealed_question(it.names) if own and it.pair else "",
    )


async def arm_all(it: Restoring) -> None:
    """Have all hosts watch this run."""
    await every(it.hosts, lambda host: arm(host, switch(it, host)))


async def swap_folders(it: Restoring) -> None:
    """Exchange the folders of all hosts."""
    hosts = list(dict.fromkeys(folder.host for folder in it.folders))
    await every(hosts, lambda host: swap_folders_of(host, it))


@step("exchange folders of {host}", timeout=120)
async def swap_folders_of(host: str, it: Restoring) -> None:
    """Give the fresh folders of a host the names of those in use, which keep standing beside them."""
    this = current()
    text = deadman.exchange_folders(it.folders_of(host), it.names.stamp, this.required_lease())
    must_succeed(host, await this.run(host, text), "CUT-766", "a folder could not be exchanged")


@step("exchange databases of {host}", retries=0, timeout=300)
async def swap_databases(host: str, it: Restoring) -> None:
    """Give the restored database the name of the one that serves, which keeps standing beside it."""
    async with server_session(it.server) as session:
        # a host that has begun to go back by itself may have started its writers
        await every(it.hosts, demand_watch)
        await demand_same_primary(session, it)
        await swap.swap(session, it.names)


@step("check served database of {host}", timeout=900)
async def judge_served(host: str, it: Restoring) -> None:
    """Raise CutoverError when the database that now serves has lost rows since it was checked beside the old one."""
    manifest = it.backup.manifest
    if manifest is None:
        return
    async with server_session(it.server, it.server.login.database) as session:
        found = as_census(await census.census(session))
    if lost := tuple(lost_rows(manifest.census, found)):
        raise CutoverError(lost)


def lost_rows(saved: Census, found: Census) -> Iterable[Finding]:
    """Yield a finding for each of the application's tables that has fewer rows than its backup."""
    for table in TABLES:
        before, now = saved.tables.get(table, 0), found.tables.get(table, 0)
        if now < before:
            why = f"the backup has {before} rows, {now} are there"
            todo = "the old state is put back; see what the application's log says of its start"
            yield Finding("CUT-769", "the restored database lost rows when the application started", table, why, todo)


async def judge_components(it: Restoring, report: Report) -> None:
    """Raise CutoverError when a writer does not answer; what else does not is told in the result."""
    found = await every(it.planned.desired.hosts, lambda host: _healths(host, it))
    sick = [(host, health) for host, healths in found.items() for health in healths if not health.healthy]
    report.add(ResultRow(host, health.component, "ask", "not healthy", None, health.seen) for host, health in sick)
    if fatal := [_sick(host, health) for host, health in sick if health.component in WRITERS]:
        raise CutoverError(fatal)


async def _healths(host: str, it: Restoring) -> tuple[Health, ...]:
    """Ask a host's components; one without a part in the restore, such as a standby, may have gone meanwhile."""
    try:
        return await verify(host, it.planned.desired.hosts[host], last=False, patience=STARTING)
    except HostUnreachableError as error:
        if host in it.hosts:
            raise
        return (Health("host", healthy=False, seen=error.findings[0].why),)


async def judge_standby(it: Restoring, report: Report) -> None:
    """
    Tell whether the standby of an HA tenant is with its primary again, with all that was restored.

    Raises CutoverError when it is not, and nobody can write without it.
    """
    if it.pair is None:
        return
    standby = it.pair.standby
    apart = await standby_apart(standby, it)
    if apart is not None and apart.fatal:
        raise CutoverError(apart)
    followed = ResultRow(standby, "standby", "follow", "ok", None, f"it has all that {it.pair.serves} has")
    report.add([followed if apart is None else finding_row(apart)])


def _sick(host: str, health: Health) -> Finding:
    todo = "the old state is put back; see the component's log, then restore again"
    where = f"{health.component} on {host}"
    return Finding("CUT-769", f"{health.component} does not answer on the restored state", where, health.seen, todo)


async def confirm(this: Exchange) -> None:
    """
    Let go of the way back.

    The host of the database comes last and alone decides: while its journal does not say that the restore is done, a
    host that let go before is brought back by whoever comes next (`tasks.restore_settle`). In HA the database decides
    before that: the two hosts that can swap it back ask it, so that one that was away cannot go back alone.
    """
    it = this.it
    first, *others = it.hosts
    this.confirming = True
    await every([host for host in others if host not in it.server.hosts], disarm)
    if it.pair is not None:
        await seal(first, it)
    await every(it.server.others, disarm)
    await decide(first, JOURNAL, journal(it, DONE).content())
    this.armed = this.stopping = this.confirming = False
