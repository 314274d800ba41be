"""Bring a tenant back to what ran before its last upgrade."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from cutover.hosts.operation import operation
from tasks.approval import approve
from tasks.calls import CutCalls, settle_calls
from tasks.planning import make_plan
from tasks.report import Report
from tasks.rollback import roll_back_with_way_back
from tasks.rollback_plan import publish, survey
from tasks.tenants import TenantName, lease_for, load_tenant


@flow(name="rollback", flow_run_name="rollback {tenant}")
async def rollback(
    tenant: TenantName,
    record: Annotated[str, Field(description="Which kept release, by the beginning of its time stamp")] = "",
    approved: bool = False,
    cut_calls: CutCalls = False,
) -> State[Any]:
    """
    Bring a tenant back to what ran before an upgrade, or before a rollback. Its inventory is not changed.

    Invariant: what serves is at any time what runs now or what ran then, wholly. When the schema of the database had
    moved, the database from before serves again, and what that costs is said first.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        record: Which kept release, by the beginning of its time stamp. Empty: the newest.
        approved: Do not ask before the tenant is changed.
        cut_calls: Do not mind live calls, whatever the inventory says.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        async with operation(subject, lease_for("rollback")):
            planned = await make_plan(subject)
            going_back = await survey(subject, planned, record)
            shown = await publish(going_back)
            if not approved:
                await approve(tenant, shown)
            await settle_calls(going_back.changeover.planned, report, cut=cut_calls)
            report.changing = True
            await roll_back_with_way_back(going_back, report)
    return report.state
