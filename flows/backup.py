"""Back a tenant up."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from cutover.hosts.operation import operation
from tasks.backup import back_up, clear_remains
from tasks.backup_preflight import preflight
from tasks.backups import announce
from tasks.looking import look_around
from tasks.report import Report
from tasks.tenants import TenantName, lease_for, load_tenant
from tasks.turn import demand_turn


@flow(name="backup", flow_run_name="backup {tenant}")
async def backup(
    tenant: TenantName, why: Annotated[str, Field(description="What the backup is for")] = "by hand"
) -> State[Any]:
    """
    Save a tenant: its database, its hosts' own files, its recordings.

    Invariant: a manifest is written only after every object it names was found in the store as it was sent; no
    manifest, no backup. Nothing that runs is stopped or changed, and no copy is made on any disk of a host.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        why: What the backup is for; it stands in the manifest.
    """
    async with Report(tenant) as report:
        await demand_turn()
        subject = await load_tenant(tenant)
        async with operation(subject, lease_for("backup")):
            observed = await look_around(subject)
            await clear_remains(subject)
            ready = await preflight(subject, observed)
            report.changing = True
            made = await back_up(subject, ready, report, why)
            await announce(subject, report, made)
    return report.state
