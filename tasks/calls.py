"""Live calls before what carries them restarts: waited for, a reason to refuse, or cut, as the tenant's policy says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from prefect.logging import get_run_logger
from pydantic import Field

from cutover.errors import CutoverError, Finding
from cutover.hosts import inside
from cutover.hosts.operation import current
from cutover.inventory import Tenant
from cutover.plan.calls import Answer, CallPolicy
from cutover.plan.diff import Plan
from cutover.plan.pairs import passive
from cutover.products.omnileads.calls import CARRIERS, COUNT, SWITCH, live_calls
from cutover.timetable import within
from tasks.artifacts import ResultRow, counted
from tasks.every import every
from tasks.planning import Planned
from tasks.report import Report
from tasks.step import step

CutCalls = Annotated[bool, Field(description="Do not mind live calls, whatever the inventory says")]

EVERY = 3.0
"""Seconds between two looks at the calls."""

LONGEST = 13 * 3600
"""Seconds; more than the inventory lets a policy wait."""


def policy_of(tenant: Tenant, *, cut: bool = False) -> CallPolicy:
    """Return what the inventory says of live calls; with `cut` they are cut all the same."""
    said = tenant.variables
    policy = CallPolicy(
        said.upgrade_calls, timedelta(minutes=said.upgrade_calls_minutes), said.maintenance_window or ""
    )
    return replace(policy, kind="cut") if cut else policy


def about_calls(plan: Plan, tenant: Tenant, *, cut: bool) -> str:
    """Return in words what a plan does to live calls; empty when it touches nothing that carries them."""
    touched = _carriers(plan)
    return f"Calls: {', '.join(sorted(touched))} will restart; {policy_of(tenant, cut=cut)}." if touched else ""


def _carriers(plan: Plan) -> frozenset[str]:
    """Return the components a plan starts that carry calls."""
    return CARRIERS.intersection(start.service.component for host in plan.hosts.values() for start in host.starts)


async def settle_calls(planned: Planned, report: Report, *, cut: bool = False) -> None:
    """
    Do with live calls what the tenant's policy says, when a plan restarts what carries them.

    Raises CutoverError (CUT-830): there are calls, and the policy wants none.
    """
    if not _carriers(planned.plan):
        return
    policy = policy_of(current().tenant, cut=cut)
    switches = _switches(planned)
    rows = await every(switches, lambda host: quiet(host, switches[host], policy))
    report.add(rows.values())


def _switches(planned: Planned) -> Mapping[str, str]:
    """Return the container of every Asterisk that runs, by host; of a pair only of the one that has the calls."""
    others = passive(planned.desired.pairs, planned.observed)
    return {
        host: service.container
        for host, state in planned.desired.hosts.items()
        for service in state.services
        if service.component == SWITCH and service.container and planned.observed[host].runs(service.container)
        if host not in others
    }


@step("live calls of {host}", timeout=LONGEST)
async def quiet(host: str, container: str, policy: CallPolicy) -> ResultRow:
    """Return once the policy lets the host's calls be touched; raises CutoverError when it does not."""
    began, told = time.monotonic(), -1
    while True:
        live = await _live(host, container)
        waited = timedelta(seconds=time.monotonic() - began)
        answer = policy.answer(live, waited, in_window=_in_window(policy))
        if answer is not Answer.WAIT:
            break
        if live != told:
            told = live
            get_run_logger().info("%s: %s; waiting until they have ended", host, counted(live, "live call"))
        await asyncio.sleep(EVERY)
    if answer is Answer.REFUSE:
        raise CutoverError(_in_the_way(host, live, policy))
    said = f"{counted(live, 'live call')} will be cut" if live else "no live call"
    return ResultRow(host, SWITCH, "calls", "ok", round(waited.total_seconds(), 1), said)


async def _live(host: str, container: str) -> int:
    """Return the number of live calls; an Asterisk whose console does not answer counts as one that has none."""
    output = await current().run(host, inside.ask(container, COUNT))
    live = live_calls(output.stdout)
    if live is None:
        said = (output.stderr or output.stdout).strip()[-200:]
        get_run_logger().warning("%s: Asterisk does not say how many calls there are: %s", host, said)
    return live or 0


def _in_window(policy: CallPolicy) -> bool:
    zone = ZoneInfo(str(current().tenant.variables.TZ))
    return bool(policy.window) and within(policy.window, datetime.now(UTC).astimezone(zone))


def _in_the_way(host: str, live: int, policy: CallPolicy) -> Finding:
    todo = "nothing was changed; run the same command again later, or let calls be cut (--cut-calls)"
    return Finding(
        "CUT-830", f"there {'are' if live > 1 else 'is'} {counted(live, 'live call')}", host, str(policy), todo
    )
