"""What has drifted on a tenant's hosts, as the result of a run that changes nothing."""

from __future__ import annotations

from cutover.plan.drift import BY_HAND, drift
from tasks.artifacts import ResultRow, counted
from tasks.planning import Planned
from tasks.report import Report


async def judge_drift(planned: Planned, report: Report) -> None:
    """Add a row for every difference and conclude the run: as Unchanged when there is none, else as Drifted."""
    found = drift(planned.plan, planned.desired, planned.observed)
    report.add(ResultRow(each.host, each.component, each.kind, "drifted", None, each.what) for each in found)
    if not found:
        report.conclude("Unchanged", "every host is as it was left, and as its inventory says")
        return
    by_hand = sum(each.kind == BY_HAND for each in found)
    said = f"{counted(by_hand, 'difference')} made by hand, {len(found) - by_hand} asked for by the inventory"
    report.conclude("Drifted", f"{said}; nothing was changed", well=False)
