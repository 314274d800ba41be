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
from cutover.plan.diff import Plan

MOST_ROWS = 400


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
    """Return a plan as a person reads it in the UI."""
    rows = plan.rows()
    head = [f"# Plan for {plan.tenant}", ""]
    head += [f"> **{_cell(w.what)}** ({w.where}, {w.code}) {_cell(w.why)}" for w in warnings]
    if not rows:
        return "\n".join([*head, "Nothing is to be done: every host is as desired."])
    body = ["", f"{len(rows)} steps", "", "| host | component | action | reason |", "|---|---|---|---|"]
    body += [f"| {r.host} | {r.component} | {_cell(r.action)} | {_cell(r.reason)} |" for r in rows[:MOST_ROWS]]
    if len(rows) > MOST_ROWS:
        body.append(f"| … | | {len(rows) - MOST_ROWS} more | |")
    return "\n".join([*head, *body])


async def publish_plan(plan: Plan, warnings: Sequence[Finding] = ()) -> None:
    """Show a plan in the UI."""
    await acreate_markdown_artifact(
        plan_as_markdown(plan, warnings), key=key("plan", plan.tenant), description=f"Plan for {plan.tenant}"
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
        created = await acreate_progress_artifact(0.0, key=key("progress", tenant), description=f"{total} steps")
        return cls(created, total)

    async def advance(self) -> None:
        """Count one more step as done."""
        self._done += 1
        await aupdate_progress_artifact(self._artifact, progress=round(100.0 * self._done / self._total, 1))
