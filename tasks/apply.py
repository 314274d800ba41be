"""Carrying out a plan: hosts are prepared, images fetched, files written, then components start in their order."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from cutover.plan.diff import HostPlan, Start
from cutover.plan.order import Node, nodes
from tasks.artifacts import Progress, ResultRow
from tasks.components import Outcome, in_order, start
from tasks.every import every, raise_together
from tasks.first_time import FIRST_TIME
from tasks.hosts import configure, prepare
from tasks.images import pull
from tasks.planning import Planned
from tasks.report import Report


@dataclass(frozen=True, slots=True)
class Stage:
    """What is done on all hosts before the first component starts on any; a failure on one host ends it for all."""

    action: str
    content: Callable[[HostPlan], str]
    act: Callable[[str, HostPlan], Coroutine[Any, Any, None]]


STAGES = (
    Stage("prepare", HostPlan.preparation, prepare),
    Stage("pull", HostPlan.images, pull),
    Stage("configure", HostPlan.configuration, configure),
)


async def apply(planned: Planned, report: Report) -> None:
    """Carry out a plan and add a row for every stage and component; raises CutoverError with all that failed."""
    plans = planned.plan.hosts
    steps = nodes(planned.plan)
    staged = [(stage, [host for host, plan in plans.items() if stage.content(plan)]) for stage in STAGES]
    progress = await Progress.of(planned.plan.tenant, sum(len(hosts) for _, hosts in staged) + len(steps))

    for stage, hosts in staged:

        async def one(host: str, stage: Stage = stage) -> None:
            began, result = time.monotonic(), "failed"
            try:
                await stage.act(host, plans[host])
                result = "ok"
            finally:
                seconds = round(time.monotonic() - began, 1)
                report.add([ResultRow(host, "host", stage.action, result, seconds, stage.content(plans[host]))])
            await progress.advance()

        await every(hosts, one)

    async def run(node: Node) -> None:
        if isinstance(node.act, Start):
            await start(node.component, node.host, node.act)
        else:
            await FIRST_TIME[node.component](node.host)
        await progress.advance()

    outcomes = await in_order(steps, run)
    report.add(map(_row, outcomes))
    raise_together(outcome.error for outcome in outcomes if outcome.error)


def _row(outcome: Outcome) -> ResultRow:
    act = outcome.node.act
    action, reason = ("start", act.reason) if isinstance(act, Start) else ("do once", "was not on record")
    seconds = round(outcome.seconds, 1)
    result = "failed" if outcome.error else "ok"
    return ResultRow(outcome.node.host, outcome.node.component, action, result, seconds, reason)
