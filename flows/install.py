"""Install a tenant, or bring it to what its inventory says."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.hosts.operation import operation
from tasks.apply import apply
from tasks.artifacts import publish_plan
from tasks.calls import CutCalls, settle_calls
from tasks.planning import make_plan
from tasks.preflight import preflight
from tasks.report import Report
from tasks.tenants import TenantName, lease_for, load_tenant
from tasks.verdict import confirm_tenant, judge_tenant


@flow(name="install", flow_run_name="install {tenant}")
async def install(tenant: TenantName, cut_calls: CutCalls = False) -> State[Any]:
    """
    Install a tenant, or bring it to what its inventory says.

    Invariant: no host is changed before everything that can be known to fail was checked on all of them, and after
    that every step may be the last one: running again goes on where this run stopped. A tenant that is as its
    inventory says is only asked whether it is healthy.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        cut_calls: Do not mind live calls, whatever the inventory says.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        async with operation(subject, lease_for("install")):
            planned = await make_plan(subject)
            await publish_plan(planned.plan, subject.warnings)
            if planned.plan.empty and not planned.missing:
                await judge_tenant(planned, report, well="Unchanged")
            else:
                await preflight(subject, planned)
                await settle_calls(planned, report, cut=cut_calls)
                report.changing = True
                await apply(planned, report)
                await confirm_tenant(planned, report)
    return report.state
