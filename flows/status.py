"""Ask every component of a tenant whether it answers."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.hosts.operation import operation
from cutover.inventory import Layout
from tasks.cluster import look_at_cluster
from tasks.cluster_status import judge_cluster
from tasks.planning import make_plan
from tasks.report import Report
from tasks.tenants import TenantName, load_tenant
from tasks.verdict import judge_tenant


@flow(name="status", flow_run_name="status {tenant}")
async def status(tenant: TenantName) -> State[Any]:
    """
    Ask every component of a tenant whether it answers, and say what runs where. Nothing is changed.

    Of an HA tenant the cluster is shown first, also when hosts do not answer: roles, lag, addresses, what mends it.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        async with operation(subject):
            if subject.layout is Layout.HA:
                await judge_cluster(await look_at_cluster(subject), report)
            else:
                await judge_tenant(await make_plan(subject), report, well="Healthy")
    return report.state
