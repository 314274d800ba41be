"""Give the main hosts of a cluster their roles back."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.hosts.operation import operation
from tasks.cluster import demand_ha, demand_majority, look_at_cluster
from tasks.cluster_recover import confirm_cluster
from tasks.cluster_takeover import Parts, plan_takeover, publish_takeover, take_over
from tasks.report import Report
from tasks.tenants import TenantName, lease_for, load_tenant


@flow(name="takeover", flow_run_name="takeover {tenant}")
async def takeover(tenant: TenantName, parts: Parts = []) -> State[Any]:  # noqa: B006
    """
    Give the main hosts of a cluster their roles back: PostgreSQL by a switchover, Redis by its Sentinels.

    Invariant: nothing that was acknowledged is lost, and there are never two primaries. Who has its role is left alone.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        parts: Only PostgreSQL or only Redis; without any, both.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        demand_ha(subject)
        async with operation(subject, lease_for("takeover")):
            found = await look_at_cluster(subject)
            demand_majority(subject, others_off=False)
            takeover = plan_takeover(found, parts)
            if not takeover.empty:
                await publish_takeover(takeover)
                report.changing = True
                await take_over(takeover, report)
            await confirm_cluster(subject, report)
    return report.state
