"""Take over hosts that the old tool has installed."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.hosts.operation import operation
from tasks.adopt import survey, take_over
from tasks.artifacts import publish_plan
from tasks.planning import make_plan
from tasks.report import Report
from tasks.tenants import TenantName, lease_for, load_tenant, refuse_pairs


@flow(name="adopt", flow_run_name="adopt {tenant}")
async def adopt(tenant: TenantName) -> State[Any]:
    """
    Take over a tenant's hosts as the old tool has left them: nothing is restarted, no file of theirs is written.

    Each variable of the env files there is compared with what the inventory gives; what nothing in it gives is named.
    What runs is written down, so that backups, upgrades and rollbacks know it, and steps of a first installation are
    not done again.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        refuse_pairs(subject)
        async with operation(subject, lease_for("adopt")):
            planned = await make_plan(subject)
            found = await survey(planned)
            report.changing = True
            await take_over(subject, planned, found, report)
            await publish_plan((await make_plan(subject)).plan, subject.warnings)
    return report.state
