"""The last word on a tenant: does every component answer, and what is written down about it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from prefect.runtime import flow_run

from cutover.errors import CutoverError, Finding
from cutover.hosts.operation import current
from cutover.plan.diff import own_files
from cutover.plan.observed import Record
from cutover.plan.part import record_of
from cutover.products.omnileads import saved
from tasks.artifacts import ResultRow, counted
from tasks.every import every
from tasks.hosts import Health, record, verify
from tasks.planning import Planned
from tasks.report import Report

STARTING = 120
"""Seconds that a component may take to answer which this run found running and had no reason to start."""

NOTICING = 20
"""Seconds in which what watches over a pair, and was not restarted itself, notices that both hosts answer again."""


async def confirm_tenant(planned: Planned, report: Report) -> None:
    """
    After a plan was carried out, ask every component once more, together; then write the record and conclude the run.

    Raises CutoverError naming every component that does not answer.
    """
    answering = await demand_health(planned)
    await write_records(planned)
    report.conclude("Completed", f"{counted(len(report.rows), 'step')} done; all {answering} components answer")


async def demand_health(planned: Planned) -> int:
    """Ask every component, together, and return how many there are; raises CutoverError naming all that are sick."""
    clock = asyncio.get_running_loop().time
    until = clock() + (NOTICING if planned.desired.pairs else 0)
    found = await _ask(planned, last=False, patience=STARTING)
    while (sick := _sick(found)) and clock() < until:
        await asyncio.sleep(2)
        found = await _ask(planned, last=False, patience=STARTING)
    if sick:
        raise CutoverError(_finding(host, health) for host, health in sick)
    return sum(map(len, found.values()))


async def demand_answers(planned: Planned, host: str, components: Collection[str]) -> None:
    """Ask components of a host, those that have just started until they answer; raises CutoverError naming the sick."""
    state = planned.desired.hosts[host]
    services = tuple(service for service in state.services if service.component in components)
    if services:
        found = await verify(host, replace(state, services=services), last=False, patience=STARTING)
        if sick := _sick({host: found}):
            raise CutoverError(_finding(host, health) for host, health in sick)


def _sick(found: Mapping[str, Iterable[Health]]) -> list[tuple[str, Health]]:
    return [(host, health) for host, healths in found.items() for health in healths if not health.healthy]


async def write_records(planned: Planned) -> None:
    """Write down on every host what runs there now."""
    await every(planned.desired.hosts, lambda host: record(host, _record(planned, host)))


async def judge_tenant(planned: Planned, report: Report, *, well: str) -> None:
    """
    Ask every component once and conclude the run with what was found: as `well`, or as Degraded.

    It is the run's last look at the hosts; the lease is given back with it.
    """
    found = await _ask(planned, last=True)
    report.add(row for host, healths in found.items() for row in _rows(planned, host, healths))
    healths = [health for each in found.values() for health in each]
    sick = [health.component for health in healths if not health.healthy]
    drift = "" if planned.plan.empty else "; differs from the inventory, see `cutover plan`"
    if sick:
        report.conclude("Degraded", f"{len(sick)} of {len(healths)} do not answer: {', '.join(sick)}", well=False)
    else:
        report.conclude(well, f"all {len(healths)} components answer{drift}")


async def _ask(planned: Planned, *, last: bool, patience: int = 0) -> dict[str, tuple[Health, ...]]:
    states = planned.desired.hosts
    return await every(states, lambda host: verify(host, states[host], last=last, patience=patience))


def _finding(host: str, health: Health) -> Finding:
    todo = f"see `journalctl -u` of its unit on {host}, mend it, then run the same command again"
    return Finding("CUT-502", f"{health.component} does not answer", f"{health.component} on {host}", health.seen, todo)


def _rows(planned: Planned, host: str, healths: Iterable[Health]) -> Iterable[ResultRow]:
    tags = {s.component: s.image.tag for s in planned.desired.hosts[host].services if s.image}
    for health in healths:
        result = "healthy" if health.healthy else "not healthy"
        message = health.seen or f"image tag {tags[health.component]}" if health.component in tags else health.seen
        yield ResultRow(host, health.component, "ask", result, None, message)


def _record(planned: Planned, host: str) -> Record:
    services = planned.desired.hosts[host].services
    record = Record(
        digests={str(s.image): planned.desired.digests[s.image] for s in services if s.image},
        # On every host, so that one made anew does not have it all done again.
        done={step.name: step.inputs for step in planned.desired.one_time},
        files=own_files(planned.desired.hosts[host], planned.observed[host]),
        release=saved.release(current().tenant),
        run=str(flow_run.get_id() or ""),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return record_of(planned.observed[host].record, record, planned.desired.hosts[host], planned.part)
