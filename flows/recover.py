"""Bring the nodes of a cluster back that do not take part in it."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from cutover.hosts.operation import operation
from tasks.approval import approve
from tasks.cluster import demand_ha, demand_majority, look_at_cluster
from tasks.cluster_recover import confirm_cluster, demand_way, publish_recovery, recover_cluster, weigh
from tasks.report import Report
from tasks.tenants import TenantName, lease_for, load_tenant


@flow(name="recover", flow_run_name="recover {tenant}")
async def recover(
    tenant: TenantName,
    node: Annotated[str, Field(description="The database node that is wrong; empty: found out")] = "",
    others_are_off: Annotated[bool, Field(description="The hosts that do not answer are switched off")] = False,
    approved: bool = False,
) -> State[Any]:
    """
    Bring the nodes of a cluster back that do not take part in it, each by the cheapest way that can work.

    Invariant: the node that serves is never touched, and no second one becomes a primary. Each step may be the last:
    what is half done stays stopped, and running it again finishes.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        node: The database node that is wrong. Empty: found out, which is possible unless two serve.
        others_are_off: The hosts that do not answer are switched off, so what they would say need not be waited for.
        approved: Do not ask before data of a node is discarded.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        demand_ha(subject)
        async with operation(subject, lease_for("recover", mends=True)):
            found = await look_at_cluster(subject, node)
            alone = demand_majority(subject, others_off=others_are_off)
            demand_way(found)
            recovery = await weigh(found, alone=alone)
            if recovery.steps:
                shown = await publish_recovery(recovery)
                if recovery.costs and not approved:
                    await approve(tenant, shown)
                report.changing = True
                await recover_cluster(recovery, report, approved=approved)
            await confirm_cluster(subject, report)
    return report.state
