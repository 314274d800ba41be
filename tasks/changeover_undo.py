"""The way back of a changeover that lives: files, database and components as they were, whatever went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from prefect.logging import get_run_logger

from cutover.errors import CutoverError
from cutover.hosts import kept, swap
from cutover.hosts.kept import JOURNAL
from cutover.hosts.operation import current
from cutover.hosts.restoring import EXCHANGING, UNDONE
from cutover.plan.desired import Service
from cutover.plan.diff import HostPlan, Plan, Start
from cutover.plan.observed import ObservedHost
from cutover.plan.order import nodes
from cutover.plan.pairs import turns
from cutover.plan.upgrade import started_on
from cutover.products.omnileads.migrating import USERS
from tasks.artifacts import ResultRow
from tasks.changeover import Changeover, arm_all, journal, put_back, tidy
from tasks.components import in_order, start_node
from tasks.deadman import disarm
from tasks.every import every, raise_together
from tasks.hosts import must_succeed
from tasks.planning import look
from tasks.report import Report, finding_row
from tasks.restore_databases import server_session
from tasks.restore_pair import unseal
from tasks.restore_settle import drop_scratch, write_journal
from tasks.step import step
from tasks.upgrade_migration import stop_schema_users

LEFT = (
    "the hosts put back what ran before by themselves within two minutes, or when they have power again; "
    "look with `cutover status`"
)
REASON = "back to what ran before"


async def undo(this: Changeover, report: Report, within: float | None = None) -> None:
    """
    Bring back what ran before, and say in the report how that went.

    The run ends as RolledBack when that serves. Where a step fails, or all of it takes longer than `within` seconds,
    the hosts' dead man's switches stay armed, and do by themselves what this could not.
    """
    end = None if within is None else asyncio.get_running_loop().time() + within
    try:
        async with asyncio.timeout_at(end):
            if this.changing:
                await _back(this, report)
            if this.armed:
                await _let_go(this)
    except (CutoverError, TimeoutError) as error:
        report.add(map(finding_row, error.findings if isinstance(error, CutoverError) else ()))
        why = str(error) or "it takes too long"
        get_run_logger().error("what ran before is not back yet: %s\n%s", why, LEFT)
        report.fails_as, report.afterwards = "Failed", LEFT
        return
    serves = f"{this.before or 'what ran before'} serves" if this.changing else "nothing was changed"
    report.fails_as, report.afterwards = "RolledBack", serves
    if within is None:
        await tidy(this, dict.fromkeys(this.hosts, (this.names.stamp,)))
        if this.schema and this.former is None:
            await _drop(this)


async def _back(this: Changeover, report: Report) -> None:
    first = this.server.host
    if this.confirming and this.in_turns:
        await unseal(first, this.server, this.names)
    await write_journal(first, journal(this, EXCHANGING), JOURNAL)
    if this.confirming:
        # this run may die as well before everything is back
        await arm_all(this)
    await every(this.hosts, lambda host: put_back(host, this.names.stamp))
    if this.schema:
        await stop_schema_users(this.planned)
        await database_back(first, this)
    await start_what_differs(this, report)


@step("put back database of {host}", timeout=300)
async def database_back(host: str, this: Changeover) -> None:
    """Let the database serve again that served before."""
    async with server_session(this.server) as session:
        if this.former is not None:
            await swap.swap_former_back(session, this.former, this.names)
        else:
            await swap.swap_back(session, this.names)


async def start_what_differs(this: Changeover, report: Report) -> None:
    """Start what does not run with the files that are there now, each when what it needs answers."""
    now = await look(this.tenant)
    wished = await every(this.hosts, lambda host: inputs_of(host, _units(this, host)))
    hosts = {host: HostPlan(host, starts=tuple(_starts(this, host, wished[host], now[host]))) for host in this.hosts}
    plan = Plan(this.tenant.name, hosts, turns(this.planned.desired.pairs, now))
    outcomes = await in_order(nodes(plan), start_node)
    for outcome in outcomes:
        result, node = "failed" if outcome.error else "ok", outcome.node
        report.add([ResultRow(node.host, node.component, "start", result, round(outcome.seconds, 1), REASON)])
    raise_together(outcome.error for outcome in outcomes if outcome.error)


def _starts(this: Changeover, host: str, wished: Mapping[str, str], now: ObservedHost) -> Iterable[Start]:
    running = tuple(service for service in this.others(host) if now.active(service.unit))
    for service in (*started_on(this.planned.plan, host), *running):
        inputs = wished.get(service.unit)
        if inputs is not None and (_differs(service.container, inputs, now) or _stood_still(this, service)):
            yield Start(service, inputs, REASON, interrupts=now.active(service.unit))


def _units(this: Changeover, host: str) -> tuple[str, ...]:
    return tuple(service.unit for service in (*started_on(this.planned.plan, host), *this.others(host)))


def _stood_still(this: Changeover, service: Service) -> bool:
    return this.schema and service.component in USERS


@step("units of {host}", timeout=60)
async def inputs_of(host: str, units: tuple[str, ...]) -> dict[str, str]:
    """Return what each unit of a host is to run with, by its file; a unit without a file is left out."""
    output = await current().run(host, kept.ask_inputs(units))
    must_succeed(host, output, "CUT-805", "the units cannot be read")
    return kept.parse_inputs(output.stdout)


def _differs(container: str | None, wished: str, now: ObservedHost) -> bool:
    if container is None:
        return True
    runs = now.containers.get(container)
    return runs is None or not runs.running or runs.inputs != wished


async def _let_go(this: Changeover) -> None:
    first, *others = this.hosts
    await every(others, disarm)
    await write_journal(first, journal(this, UNDONE), JOURNAL)
    await disarm(first)


async def _drop(this: Changeover) -> None:
    """Remove the copy that serves nobody; what stays goes with the next change of the database."""
    try:
        await drop_scratch(this.server.host, this.server)
    except CutoverError as error:
        get_run_logger().warning("the copy of the database stays: %s", error)
