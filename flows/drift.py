"""Compare a tenant's hosts with what was left there and with the inventory."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.hosts.operation import operation
from tasks.drift import judge_drift
from tasks.planning import make_plan
from tasks.report import Report
from tasks.tenants import TenantName, load_tenant
from tasks.turn import demand_turn


@flow(name="drift", flow_run_name="drift {tenant}")
async def drift(tenant: TenantName) -> State[Any]:
    """
    Compare a tenant's hosts with what Cutover left there and with the inventory. Nothing is changed on any host.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
    """
    async with Report(tenant) as report:
        await demand_turn()
        subject = await load_tenant(tenant)
        async with operation(subject):
            await judge_drift(await make_plan(subject), report)
    return report.state
