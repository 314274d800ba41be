"""Components that are started anew although nothing about them has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cutover.errors import CutoverError, Finding
from cutover.plan.diff import restarts
from tasks.apply import Work
from tasks.artifacts import counted
from tasks.part import chosen
from tasks.planning import Planned
from tasks.report import Report
from tasks.verdict import demand_health

REASON = "asked for"


def to_restart(planned: Planned, components: Sequence[str]) -> Planned:
    """
    Return the plan that restarts these components, or all when none is named, on hosts that are as they should be.

    Raises CutoverError: a component is unknown or not started on any host (CUT-820), or the hosts differ from the
    inventory, so that a restart would do more than restart (CUT-821).
    """
    names = chosen(planned.desired, components)
    tenant = planned.plan.tenant
    changed = [host for host, plan in planned.plan.hosts.items() if plan.configuration() or plan.images()]
    if changed or planned.missing:
        why = f"on {', '.join(changed)}, see `cutover plan {tenant}`" if changed else "an image is not known"
        todo = f"bring the hosts there first: `cutover upgrade {tenant}`"
        raise CutoverError(Finding("CUT-821", "the hosts are not as the inventory says", tenant, why, todo))
    return replace(planned, plan=restarts(planned.desired, planned.observed, names, REASON))


async def restart_components(planned: Planned, report: Report) -> None:
    """Restart one component after the other, each when what it needs answers; then all of the tenant must answer."""
    work = await Work.of(planned, report)
    await work.start_components()
    answering = await demand_health(planned)
    report.conclude("Completed", f"{counted(len(report.rows), 'restart')}; all {answering} components answer")
