"""Let go of the backups that a tenant's inventory no longer keeps."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.hosts.operation import operation
from tasks.artifacts import counted
from tasks.looking import look_around
from tasks.prune import carry_out, look_at_backups, publish_pruning, rows, summary
from tasks.release_old import release_expired
from tasks.report import Report
from tasks.tenants import TenantName, lease_for, load_tenant
from tasks.turn import demand_turn


@flow(name="prune", flow_run_name="prune {tenant}")
async def prune(tenant: TenantName, delete: bool = False) -> State[Any]:
    """
    Let go of the backups that a tenant's inventory no longer keeps; without `delete` only show which those are.

    Invariant: a backup that is being deleted never looks whole, so this may die anywhere and be run again. The newest
    complete backup and the newest proven one stay in any case, as does everything that Cutover has not made. With it
    goes what restores have put aside longer ago than the inventory says.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        delete: Delete them. Otherwise nothing is changed.
    """
    async with Report(tenant) as report:
        await demand_turn()
        subject = await load_tenant(tenant)
        async with operation(subject, lease_for("prune") if delete else None):
            if delete:
                await look_around(subject)
                await release_expired(subject, report)
            pruning = await look_at_backups(tenant)
            await publish_pruning(tenant, pruning)
            if pruning.empty:
                report.add(rows(pruning))
                report.conclude("Unchanged", f"{counted(len(pruning.kept), 'backup')} kept, none to go")
            elif delete:
                report.changing = True
                await carry_out(pruning, report)
                report.conclude("Completed", f"done: {summary(pruning)}")
            else:
                report.add(rows(pruning))
                report.conclude("Planned", f"{summary(pruning)}; nothing was deleted")
    return report.state
