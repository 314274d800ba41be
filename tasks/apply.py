"""Carrying out a plan: hosts are prepared, images fetched, files written, then components start in their order."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
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

Stage = tuple[Callable[[HostPlan], bool], Callable[[str, HostPlan], Coroutine[Any, Any, None]]]

STAGES: tuple[Stage, ...] = (
    (lambda plan: plan.prepares, prepare),
    (lambda plan: bool(plan.pulls), pull),
    (lambda plan: plan.configures, configure),
)
"""What happens on all hosts before the first component starts on any; a failure on one host ends it for all."""


async def apply(planned: Planned, report: Report) -> None:
    """Carry out a plan and add a row for every component; raises CutoverError with all that failed."""
    plans = planned.plan.hosts
    steps = nodes(planned.plan)
    staged = [[name for name, plan in plans.items() if needed(plan)] for needed, _ in STAGES]
    progress = await Progress.of(planned.plan.tenant, sum(map(len, staged)) + len(steps))

    for hosts, (_, act) in zip(staged, STAGES, strict=True):

        async def one(host: str, act: Callable[[str, HostPlan], Coroutine[Any, Any, None]] = act) -> None:
            await act(host, plans[host])
            await progress.advance()

        await every(hosts, one)

    async def run(node: Node) -> None:
        if isinstance(node.act, Start):
            await start(node.component, node.host, node.act)
        else:
            await FIRST_TIME[node.component](node.host)
        await progress.advance()

    outcomes = await in_order(steps, run)
    report.add(_row(outcome) for outcome in outcomes if outcome.error is None)
    raise_together(outcome.error for outcome in outcomes if outcome.error)


def _row(outcome: Outcome) -> ResultRow:
    act = outcome.node.act
    action, reason = ("start", act.reason) if isinstance(act, Start) else ("do once", "")
    seconds = round(outcome.seconds, 1)
    return ResultRow(outcome.node.host, outcome.node.component, action, "ok", seconds, reason)
