"""What a rollback is going to do, and what it would cost, once everything about it is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from prefect.artifacts import acreate_markdown_artifact

from cutover.errors import CutoverError, Finding
from cutover.hosts import kept, swap
from cutover.hosts.database import Session
from cutover.hosts.kept import Kept
from cutover.hosts.operation import current
from cutover.hosts.swap import Names
from cutover.inventory import Tenant
from cutover.plan.desired import Service
from cutover.plan.diff import HostPlan, Start
from cutover.plan.observed import ObservedHost
from cutover.plan.upgrade import tag_of
from cutover.products.omnileads.proving import TABLES
from tasks.artifacts import key, table
from tasks.changeover import Changeover
from tasks.every import every
from tasks.hosts import must_succeed
from tasks.planning import Planned
from tasks.restore import database_server
from tasks.restore_databases import server_session
from tasks.restore_plan import Server, new_names, server_of
from tasks.step import step

REASON = "back to what ran before"
HEAD = ("host", "component", "runs", "will run")
MIGRATIONS = "public.django_migrations"
"""Says which schema it is; no data of the tenant."""


@dataclass(frozen=True, slots=True)
class RollingBack:
    """
    A rollback that nothing is known to stop.

    `kept` are the changes that each host undoes, newest first; `target` is the oldest of them, before which ran what it
    goes back to. `cost` are the rows that the database has more now, by table; empty when the database stays.
    """

    changeover: Changeover
    kept: Mapping[str, tuple[Kept, ...]]
    target: Kept
    cost: Mapping[str, int]
    others: tuple[str, ...]


@step("kept releases of {host}", timeout=60)
async def kept_on(host: str) -> tuple[Kept, ...]:
    """Return what a host can go back to, newest first."""
    output = await current().run(host, kept.ask())
    must_succeed(host, output, "CUT-804", "what is kept cannot be read")
    return kept.parse(output.stdout)


@step("kept files of {host}", timeout=60)
async def touched_on(host: str, stamp: str) -> tuple[str, ...]:
    """Return the paths that the changeover of a stamp has touched on a host."""
    output = await current().run(host, kept.paths_of(stamp))
    must_succeed(host, output, "CUT-804", "what is kept cannot be read")
    return tuple(output.stdout.splitlines())


async def survey(tenant: Tenant, planned: Planned, wanted: str) -> RollingBack:
    """
    Find out what a tenant goes back to and what that costs.

    Raises CutoverError: nothing is kept, or not what is wanted, or the database that belongs to it is gone.
    """
    found = await every((host.name for host in tenant.hosts), kept_on)
    stamps = sorted({each.stamp for one in found.values() for each in one}, reverse=True)
    stamp = _chosen(tenant.name, stamps, wanted)
    undone = {host: tuple(each for each in one if each.stamp >= stamp) for host, one in found.items()}
    target = next(each for one in undone.values() for each in one if each.stamp == stamp)
    moved = min((each.stamp for one in undone.values() for each in one if each.schema), default=None)
    server = await database_server(tenant, planned) if moved else server_of(tenant, "")
    former = Names(server.login.database, moved) if moved else None
    cost = await rows_lost(server.host, server, former) if former else {}
    touched = await every(undone, lambda host: _touched(host, undone[host]))
    changeover = Changeover(
        operation="rollback",
        tenant=tenant,
        planned=_going_back(planned, undone),
        server=server,
        names=new_names(server.login.database),
        before=", ".join(sorted({one.record.release for one in planned.observed.values() if one.record.release})),
        touched=touched,
        schema=former is not None,
        former=former,
    )
    return RollingBack(changeover, undone, target, cost, tuple(each for each in stamps if each != stamp))


async def _touched(host: str, undone: Iterable[Kept]) -> tuple[str, ...]:
    """Return every path that one of some changes has touched on a host."""
    paths = [path for each in undone for path in await touched_on(host, each.stamp)]
    return tuple(dict.fromkeys(paths))


def _chosen(tenant: str, stamps: list[str], wanted: str) -> str:
    if not stamps:
        why, todo = "no upgrade of Cutover has changed it yet", "nothing was changed"
        raise CutoverError(Finding("CUT-810", "there is nothing to go back to", tenant, why, todo))
    if not wanted:
        return stamps[0]
    meant = [stamp for stamp in stamps if stamp.startswith(wanted)]
    if len(meant) != 1:
        why = "several time stamps begin so" if meant else "no time stamp begins so"
        todo = f"choose one of {', '.join(stamps)}"
        raise CutoverError(Finding("CUT-811", "it is not said which kept release is meant", wanted, why, todo))
    return meant[0]


def _going_back(planned: Planned, undone: Mapping[str, tuple[Kept, ...]]) -> Planned:
    """Return the plan that starts what the rollback touches; on hosts that keep nothing it is empty."""
    hosts = {
        host: HostPlan(host, starts=tuple(_starts(state.services, undone[host], planned.observed[host])))
        for host, state in planned.desired.hosts.items()
    }
    return Planned(replace(planned.plan, hosts=hosts), planned.desired, planned.observed, ())


def _starts(services: Iterable[Service], undone: Iterable[Kept], found: ObservedHost) -> Iterable[Start]:
    units = {unit for each in undone for unit in each.units}
    for service in services:
        runs = found.active(service.unit)
        if service.unit in units and (service.started or runs):
            yield Start(service, "", REASON, interrupts=runs)


@step("data since then on {host}", timeout=600)
async def rows_lost(host: str, server: Server, former: Names) -> dict[str, int]:
    """Return how many rows more the application's tables have than in the database from before, by table."""
    async with server_session(server) as session:
        there = former.stamp in (await swap.look(session, former.database)).old
    if not there:
        why = f"{former.old} is not on the server any more"
        todo = "restore a backup from before the upgrade: `cutover backups` lists them, `cutover restore` takes one"
        raise CutoverError(Finding("CUT-812", "the database from before the upgrade is gone", server.where, why, todo))
    async with server_session(server, former.database) as session:
        now = await _rows(session)
    async with server_session(server, former.old) as session:
        then = await _rows(session)
    return {name: now[name] - then.get(name, 0) for name in now if now[name] > then.get(name, 0)}


async def _rows(session: Session) -> dict[str, int]:
    found = {}
    for name in TABLES:
        if name != MIGRATIONS and await session.fetchval("select to_regclass($1) is not null", name):
            found[name] = int(await session.fetchval(f"select count(*) from {name}"))  # noqa: S608
    return found


def as_markdown(it: RollingBack) -> str:
    """Return a rollback as a person reads it before saying yes to it."""
    this = it.changeover
    rows = []
    for host, plan in this.planned.plan.hosts.items():
        for start in plan.starts:
            component = start.service.component
            runs = tag_of(start.service, this.planned.observed[host])
            ran = [each.tags[component] for each in it.kept[host] if component in each.tags]
            rows.append((host, component, runs, ran[-1] if ran else ""))
    return "\n".join(
        (
            f"# Rollback of {this.tenant.name}: {this.before or 'unknown'} to {it.target.release or 'what ran before'}",
            "",
            f"Back to what ran until {it.target.at}, when a run ({it.target.operation}) changed it.",
            "",
            *table(HEAD, rows),
            "",
            _about_data(it),
            "",
            "The inventory is not changed: `cutover plan` shows then how the hosts differ from it.",
            *([f"Also kept: {', '.join(it.others)}."] if it.others else []),
        )
    )


def _about_data(it: RollingBack) -> str:
    if not it.changeover.schema:
        return "The database stays as it is; nothing is lost."
    if not it.cost:
        return "The database from before the upgrade serves again. Nothing was added since."
    lost = ", ".join(f"{count} of {name}" for name, count in sorted(it.cost.items()))
    return (
        "**The database from before the upgrade serves again. Rows added since are lost to the application**: "
        f"{lost}. The database of now is kept beside until `cutover release-old`."
    )


async def publish(it: RollingBack) -> str:
    """Show what a rollback is going to do in the UI, and return it."""
    text = as_markdown(it)
    await acreate_markdown_artifact(text, key=key("plan", it.changeover.tenant.name), description="rollback")
    return text
