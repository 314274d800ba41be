"""Restore a tenant from a backup; the old state serves until the new one does, and again when anything fails."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.hosts.operation import operation
from tasks.approval import approve
from tasks.report import Report
from tasks.restore import restore_with_way_back, safety_net, survey
from tasks.restore_plan import publish
from tasks.restore_preflight import preflight
from tasks.stores import stores
from tasks.tenants import TenantName, lease_for, load_tenant


@flow(name="restore", flow_run_name="restore {tenant}")
async def restore(tenant: TenantName, backup: str = "", approved: bool = False) -> State[Any]:
    """
    Restore a tenant from a backup.

    Invariant: the database that serves is at any time the old one or the restored one, whole and checked. The backup is
    loaded beside the old database and compared with its manifest while that one serves; only then the writers stop, the
    old state is saved, and both change names. Until every component answers on the new state each step may be the last:
    the old state comes back, by this run or, when it has died, by the hosts themselves. In HA all of that is done on
    the primary, and a restore is confirmed once the standby has it as well, unless that is away.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        backup: Its id, the beginning of it, or the old tool's number. Empty: `restore_file_timestamp` of the
            inventory, else the newest complete one that no restore has made.
        approved: Do not ask before a tenant that holds somebody's work is changed.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        async with operation(subject, lease_for("restore")), stores() as places:
            ground = await survey(subject)
            restoring = await preflight(ground, places, backup)
            safety = await safety_net(restoring)
            shown = await publish(restoring)
            if restoring.productive and not approved:
                await approve(subject.name, shown)
            report.changing = True
            await restore_with_way_back(restoring, safety, report)
            report.conclude("Completed", f"{restoring.backup.id} serves; {len(report.rows)} steps done")
    return report.state
