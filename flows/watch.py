"""Look whether a cluster still has two of everything."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.hosts.operation import operation
from tasks.cluster import demand_ha, look_at_cluster
from tasks.cluster_watch import judge_redundancy
from tasks.report import Report
from tasks.tenants import TenantName, load_tenant
from tasks.turn import demand_turn


@flow(name="watch", flow_run_name="watch {tenant}")
async def watch(tenant: TenantName) -> State[Any]:
    """
    Look whether a cluster still has two of everything. A run fails when that has become worse, so that it is told.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
    """
    async with Report(tenant) as report:
        await demand_turn()
        subject = await load_tenant(tenant)
        demand_ha(subject)
        async with operation(subject):
            await judge_redundancy(await look_at_cluster(subject), report)
    return report.state
