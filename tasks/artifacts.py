"""What a run shows in the Prefect UI: the plan before it is applied, progress while it runs, the result at its end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)

from cutover.errors import Finding
from cutover.plan.diff import HostPlan, Plan

MOST_ROWS = 400
SUMMARY = ("host", "prepare", "pull", "configure", "start", "do once")


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One line of a run's result."""

    host: str
    component: str
    action: str
    result: str
    seconds: float | None = None
    message: str = ""


def key(kind: str, tenant: str) -> str:
    """Return the artifact key of a tenant: lower case letters, digits and dashes."""
    return f"{kind}-{re.sub('[^a-z0-9]+', '-', tenant.lower()).strip('-')}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def plan_as_markdown(plan: Plan, warnings: Sequence[Finding] = ()) -> str:
    """Return a plan as a person reads it: what is doubtful, one line a host, what starts, then every single step."""
    head = [f"# Plan for {plan.tenant}", ""]
    head += [f"> **{_cell(w.what)}** ({w.where}, {w.code}) {_cell(w.why)}\n" for w in warnings]
    if plan.empty:
        return "\n".join([*head, "Nothing is to be done: every host is as desired."])
    rows = plan.rows()
    on_hosts = [(row.host, row.action, row.reason) for row in rows if row.component == "host"]
    components = [(row.host, row.component, row.action, row.reason) for row in rows if row.component != "host"]
    lines = [*head, plan_summary(plan), "", *table(SUMMARY, map(_host_line, plan.hosts.values()))]
    if components:
        lines += ["", "## Components", "", *table(("host", "component", "action", "reason"), components)]
    if on_hosts:
        lines += ["", "## Hosts", "", *table(("host", "action", "reason"), on_hosts)]
    return "\n".join(lines)


def plan_summary(plan: Plan) -> str:
    """Return how much a plan is."""
    hosts = sum(not host.empty for host in plan.hosts.values())
    return f"{counted(len(plan.rows()), 'step')} on {counted(hosts, 'host')}"


def counted(number: int, thing: str) -> str:
    """Return a number of things in words: "1 step", "2 steps"."""
    return f"{number} {thing}{'s' * (number != 1)}"


def _host_line(host: HostPlan) -> tuple[str, ...]:
    starts = ", ".join(start.service.component for start in host.starts)
    once = ", ".join(step.name for step in host.one_time)
    return host.host, host.preparation(), host.images(), host.configuration(), starts, once


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; of a very long one the end is left out."""
    lines = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    more = [f"| … {len(lines) - MOST_ROWS} more |{' |' * (len(head) - 1)}"] if len(lines) > MOST_ROWS else []
    return [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines[:MOST_ROWS], *more]


async def publish_plan(plan: Plan, warnings: Sequence[Finding] = ()) -> None:
    """Show a plan in the UI."""
    await acreate_markdown_artifact(
        plan_as_markdown(plan, warnings), key=key("plan", plan.tenant), description=plan_summary(plan)
    )


async def publish_result(tenant: str, rows: Iterable[ResultRow], message: str) -> None:
    """Show a run's result in the UI, one line a host and component."""
    table = [asdict(row) for row in rows]
    await acreate_table_artifact(table, key=key("result", tenant), description=message)


class Progress:
    """How much of a run is done, as a progress artifact; it grows with every `advance`."""

    def __init__(self, artifact: UUID, total: int) -> None:
        self._artifact, self._total, self._done = artifact, max(total, 1), 0

    @classmethod
    async def of(cls, tenant: str, total: int) -> Progress:
        """Create the artifact of a run with `total` steps."""
        created = await acreate_progress_artifact(0.0, key=key("progress", tenant), description=counted(total, "step"))
        return cls(created, total)

    async def advance(self) -> None:
        """Count one more step as done."""
        self._done += 1
        await aupdate_progress_artifact(self._artifact, progress=round(100.0 * self._done / self._total, 1))
