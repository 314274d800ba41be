"""Hosts that the old tool has installed are taken over as they are: looked at, compared, written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from prefect.runtime import flow_run

from cutover.errors import CutoverError, Finding
from cutover.hosts import contents, running
from cutover.hosts.operation import current
from cutover.hosts.running import Running
from cutover.inventory import Tenant
from cutover.plan.adoption import Kind, Variable, compare, pins
from cutover.plan.desired import HostState
from cutover.plan.observed import Record
from cutover.products.omnileads import saved
from tasks.artifacts import ResultRow, counted
from tasks.every import every
from tasks.hosts import record, verify
from tasks.planning import Planned
from tasks.report import Report
from tasks.step import step

ENV = "/etc/default/"


@dataclass(frozen=True, slots=True)
class Found:
    """What stands on one host: what its containers run, and how its env files compare."""

    running: tuple[Running, ...]
    variables: tuple[Variable, ...]
    others: tuple[str, ...]


@step("what runs on {host}", timeout=120)
async def look_at(host: str, planned: Planned) -> Found:
    """Return what another tool has left on a host; nothing is changed."""
    state, seen = planned.desired.hosts[host], planned.observed[host]
    expected = [service.container for service in state.services if service.container]
    output = await current().run(host, running.ask(expected))
    wished = {file.path: file.content.decode() for file in state.files if file.path.startswith(ENV)}
    there = contents.parse((await current().run(host, contents.ask(wished))).stdout)
    found = (compare(path, there[path].decode(errors="replace"), wished[path]) for path in sorted(there))
    others = sorted(name for name, each in seen.containers.items() if each.running and name not in expected)
    return Found(running.parse(output.stdout), tuple(each for one in found for each in one), tuple(others))


async def survey(planned: Planned) -> dict[str, Found]:
    """
    Look at the hosts that are not Cutover's yet: all of them, or those that a run which died has left.

    Raises CutoverError: there is none (CUT-840), or nothing of the platform runs there (CUT-841).
    """
    left = [host for host, seen in planned.observed.items() if not seen.record.digests]
    if not left:
        todo = f"nothing is left to be done; see `cutover status {planned.plan.tenant}`"
        raise CutoverError(Finding("CUT-840", "the tenant was taken over already", planned.plan.tenant, "", todo))
    found = await every(left, lambda host: look_at(host, planned))
    bare = [host for host, each in found.items() if not each.running]
    if bare:
        todo = f"correct the addresses in the inventory, or install: `cutover install {planned.plan.tenant}`"
        why = "no container of the platform is there"
        raise CutoverError(Finding("CUT-841", "there is nothing to take over", host, why, todo) for host in bare)
    return found


async def take_over(tenant: Tenant, planned: Planned, found: dict[str, Found], report: Report) -> None:
    """Write down on these hosts what runs there, ask every component, and conclude; nothing is restarted."""
    await every(found, lambda host: record(host, _record(tenant, planned, host, found[host])))
    for host, each in found.items():
        report.add(_rows(host, each))
    states = {host: _of_those(planned.desired.hosts[host], each) for host, each in found.items()}
    healths = await every(states, lambda host: verify(host, states[host], last=False))
    sick = [f"{each.component} on {host}" for host, one in healths.items() for each in one if not each.healthy]
    kinds = [variable.kind for each in found.values() for variable in each.variables]
    said = [f"{kinds.count(Kind.SAME)} of {counted(len(kinds), 'variable')} as the inventory says"]
    if unknown := kinds.count(Kind.UNKNOWN):
        said.append(f"{unknown} that nothing in it gives")
    said.append(f"no answer from {', '.join(sick)}" if sick else "every component answers")
    report.conclude(
        "Adopted", f"{'; '.join(said)}; nothing was restarted, `cutover plan` shows what an upgrade would do"
    )


def _of_those(state: HostState, found: Found) -> HostState:
    """Return the host with the services that are there: Cutover's firewall, for one, is not yet."""
    there = {each.container for each in found.running}
    return replace(state, services=tuple(each for each in state.services if each.container in there))


def _rows(host: str, found: Found) -> Iterable[ResultRow]:
    for each in found.variables:
        if each.kind is not Kind.SAME:
            result = "warning" if each.kind is Kind.UNKNOWN else "differs"
            yield ResultRow(host, each.path.removeprefix(ENV), each.name, result, None, str(each.kind))
    for name in found.others:
        yield ResultRow(host, name, "container", "warning", None, "no component of this release; it goes on as it is")


def _record(tenant: Tenant, planned: Planned, host: str, found: Found) -> Record:
    resolved = {str(image): digest for image, digest in planned.desired.digests.items()}
    digests = pins(((each.image, each.digests) for each in found.running), resolved)
    return Record(
        digests=digests,
        done={once.name: once.inputs for once in planned.desired.one_time if once.host == host},
        release=saved.release(tenant) if _as_said(planned.desired.hosts[host], found) else "",
        run=str(flow_run.get_id() or ""),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _as_said(state: HostState, found: Found) -> bool:
    """Return whether every container runs the tag that the inventory says."""
    said = {service.container: str(service.image) for service in state.services if service.image}
    return all(said.get(each.container) == each.image for each in found.running)
