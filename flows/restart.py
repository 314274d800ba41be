"""Restart a tenant's components."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.hosts.operation import operation
from tasks.artifacts import publish_plan
from tasks.calls import CutCalls, settle_calls
from tasks.part import Components
from tasks.planning import make_plan
from tasks.report import Report
from tasks.restart import restart_components, to_restart
from tasks.tenants import TenantName, lease_for, load_tenant


@flow(name="restart", flow_run_name="restart {tenant}")
async def restart(
    tenant: TenantName,
    components: Components = [],  # noqa: B006
    cut_calls: CutCalls = False,
) -> State[Any]:
    """
    Restart components of a tenant, one after the other where one needs the other; each must answer before the next.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        components: Only these, or parts such as app or voice, on every host that runs them; without any, all of them.
        cut_calls: Do not mind live calls, whatever the inventory says.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        async with operation(subject, lease_for("restart")):
            planned = to_restart(await make_plan(subject), components)
            await publish_plan(planned.plan, subject.warnings)
            await settle_calls(planned, report, cut=cut_calls)
            report.changing = True
            await restart_components(planned, report)
    return report.state
