"""Restart a tenant's components."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from cutover.hosts.operation import operation
from tasks.artifacts import publish_plan
from tasks.planning import make_plan
from tasks.report import Report
from tasks.restart import chosen, restart_components
from tasks.tenants import TenantName, lease_for, load_tenant


@flow(name="restart", flow_run_name="restart {tenant}")
async def restart(
    tenant: TenantName,
    components: Annotated[list[str], Field(description="Only these; without any, all of them")] = [],  # noqa: B006
) -> State[Any]:
    """
    Restart components of a tenant, one after the other where one needs the other; each must answer before the next.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        components: Only these, on every host that runs them; without any, all of them.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        async with operation(subject, lease_for("restart")):
            planned = chosen(await make_plan(subject), components)
            await publish_plan(planned.plan, subject.warnings)
            report.changing = True
            await restart_components(planned, report)
    return report.state
