"""Show what an installation would do, without doing it."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.hosts.operation import operation
from tasks.artifacts import plan_summary, publish_plan
from tasks.planning import make_plan, plan_rows
from tasks.preflight import preflight
from tasks.report import Report
from tasks.tenants import TenantName, load_tenant


@flow(name="plan", flow_run_name="plan {tenant}")
async def plan(tenant: TenantName) -> State[Any]:
    """
    Show what an installation would do, and what would speak against it. Nothing is changed on any host.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        async with operation(subject):
            planned = await make_plan(subject)
            report.add(plan_rows(planned.plan))
            await publish_plan(planned.plan, subject.warnings)
            if planned.plan.empty and not planned.missing:
                report.conclude("Unchanged", "nothing is to be done")
            else:
                await preflight(subject, planned)
                report.conclude("Planned", plan_summary(planned.plan))
    return report.state
