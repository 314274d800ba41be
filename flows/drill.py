"""Prove a backup by restoring it."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from cutover.hosts.operation import operation
from tasks.drill import drill_backup, drill_host
from tasks.looking import look_around
from tasks.report import Report
from tasks.tenants import TenantName, lease_for, load_tenant
from tasks.turn import demand_turn


@flow(name="drill", flow_run_name="drill {tenant}")
async def drill(
    tenant: TenantName,
    backup: Annotated[str, Field(description="The backup: an id, its beginning, or latest")] = "latest",
    host: Annotated[str, Field(description="The host to drill on; empty: where the database is dumped")] = "",
) -> State[Any]:
    """
    Prove a backup: restore it into a throw-away PostgreSQL and compare it with its manifest.

    Invariant: the tenant's own database, files and services are not touched. Until a drill has found nothing wrong with
    a backup it is unproven, and a drill that finds something makes it unproven again.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        backup: The backup: an id, the beginning of one, the number of an old one, or latest.
        host: The host of the tenant that the throw-away server runs on; empty: where the database is dumped.
    """
    async with Report(tenant) as report:
        await demand_turn()
        subject = await load_tenant(tenant)
        bench = drill_host(subject, host)
        async with operation(subject, lease_for("drill")):
            observed = await look_around(subject)
            await drill_backup(subject, observed, backup, bench, report)
    return report.state
