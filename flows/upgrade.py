"""Bring a tenant to another release, with a way back."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.hosts.operation import operation
from tasks.approval import approve
from tasks.artifacts import publish_plan
from tasks.calls import CutCalls, settle_calls
from tasks.handover import demand_redundancy
from tasks.part import Components, only
from tasks.planning import make_plan
from tasks.preflight import preflight
from tasks.report import Report
from tasks.tenants import TenantName, lease_for, load_tenant
from tasks.upgrade import demand_installed, fetch, save, survey, upgrade_with_way_back
from tasks.upgrade_plan import publish
from tasks.verdict import judge_tenant


@flow(name="upgrade", flow_run_name="upgrade {tenant}")
async def upgrade(
    tenant: TenantName,
    approved: bool = False,
    components: Components = [],  # noqa: B006
    cut_calls: CutCalls = False,
) -> State[Any]:
    """
    Bring a tenant to what its inventory says now, or leave it as it is.

    Invariant: the tenant serves the old release or the new one, wholly. Nothing that runs is touched before every image
    is on every host and the backup is made. What ran before is kept on the hosts, the database too when its schema
    moves; it serves again when a component does not answer, and by the hosts themselves when this run dies.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        approved: Do not ask before the tenant is changed.
        components: Only these, or parts such as app or voice; what else differs stays. Without any, all of the tenant.
        cut_calls: Do not mind live calls, whatever the inventory says.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        async with operation(subject, lease_for("upgrade")):
            planned = only(await make_plan(subject), components)
            if planned.plan.empty and not planned.missing:
                await publish_plan(planned.plan, subject.warnings)
                await judge_tenant(planned, report, well="Unchanged")
            else:
                demand_installed(planned)
                await demand_redundancy(subject)
                await preflight(subject, planned)
                await fetch(planned, report)
                upgrading = await survey(subject, planned, cut_calls)
                shown = await publish(upgrading)
                if not approved:
                    await approve(tenant, shown)
                await save(upgrading, report)
                await settle_calls(planned, report, cut=cut_calls)
                report.changing = True
                await upgrade_with_way_back(upgrading, report)
    return report.state
