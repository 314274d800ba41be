"""Carrying out a plan: hosts are prepared, images fetched, files written, then components start in their order."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from cutover.plan.diff import HostPlan, Plan, Start
from cutover.plan.order import Node, nodes
from tasks.artifacts import Progress, ResultRow
from tasks.components import Outcome, in_order, start_node
from tasks.every import every, raise_together
from tasks.first_start import clear_first_start
from tasks.first_time import FIRST_TIME
from tasks.hosts import configure, prepare
from tasks.images import pull
from tasks.planning import Planned
from tasks.report import Report
from tasks.verdict import demand_answers


@dataclass(frozen=True, slots=True)
class Stage:
    """What is done on all hosts before the first component starts on any; a failure on one host ends it for all."""

    action: str
    content: Callable[[HostPlan], str]
    act: Callable[[str, HostPlan], Coroutine[Any, Any, None]]


PREPARE = Stage("prepare", HostPlan.preparation, prepare)
PULL = Stage("pull", HostPlan.images, pull)
CONFIGURE = Stage("configure", HostPlan.configuration, configure)
STAGES = (PREPARE, PULL, CONFIGURE)


async def apply(planned: Planned, report: Report) -> None:
    """Carry out a plan and add a row for every stage and component; raises CutoverError with all that failed."""
    work = await Work.of(planned, report)
    for stage in STAGES:
        await work.through(stage)
    await clear_first_start(planned, report)
    await work.start_components()


@dataclass(frozen=True, slots=True)
class Work:
    """A plan that is being carried out, stage by stage; every one adds its rows to the report."""

    planned: Planned
    report: Report
    progress: Progress

    @property
    def plan(self) -> Plan:
        """What is to be done on each host."""
        return self.planned.plan

    @classmethod
    async def of(cls, planned: Planned, report: Report) -> Work:
        """Begin to carry out a plan: its progress is seen from here on."""
        staged = sum(bool(stage.content(host)) for stage in STAGES for host in planned.plan.hosts.values())
        total = staged + len(nodes(planned.plan))
        return cls(planned, report, await Progress.of(planned.plan.tenant, total))

    async def through(self, stage: Stage) -> None:
        """Bring all hosts through a stage at the same time; raises CutoverError with all that failed."""
        plans = self.plan.hosts

        async def one(host: str) -> None:
            began, result = time.monotonic(), "failed"
            try:
                await stage.act(host, plans[host])
                result = "ok"
            finally:
                seconds = round(time.monotonic() - began, 1)
                self.report.add([ResultRow(host, "host", stage.action, result, seconds, stage.content(plans[host]))])
            await self.progress.advance()

        await every([host for host, plan in plans.items() if stage.content(plan)], one)

    async def start_components(self) -> None:
        """Start and do once what the plan says, in its order; raises CutoverError with all that failed."""

        async def run(node: Node) -> None:
            if isinstance(node.act, Start):
                await start_node(node)
            else:
                await self._answering(node)
                await FIRST_TIME[node.component](node.host)
            await self.progress.advance()

        outcomes = await in_order(nodes(self.plan), run)
        self.report.add(map(_row, outcomes))
        raise_together(outcome.error for outcome in outcomes if outcome.error)

    async def _answering(self, node: Node) -> None:
        """Wait for what a step needs and the plan does not start: a host that has just booted does that by itself."""

        async def on(host: str) -> None:
            started = {start.service.component for start in self.plan.hosts[host].starts}
            await demand_answers(self.planned, host, node.after - started)

        await every(self.plan.hosts, on)


def _row(outcome: Outcome) -> ResultRow:
    act = outcome.node.act
    action, reason = ("start", act.reason) if isinstance(act, Start) else ("do once", "was not on record")
    seconds = round(outcome.seconds, 1)
    result = "failed" if outcome.error else "ok"
    return ResultRow(outcome.node.host, outcome.node.component, action, result, seconds, reason)
