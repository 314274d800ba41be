"""Let go of the databases and folders that restores have put aside."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from cutover.amounts import bytes_in_words
from cutover.hosts.operation import operation
from tasks.artifacts import ResultRow, counted
from tasks.looking import look_around
from tasks.release_old import formers, publish, release
from tasks.report import Report
from tasks.tenants import TenantName, lease_for, load_tenant


@flow(name="release-old", flow_run_name="release-old {tenant}")
async def release_old(tenant: TenantName, delete: bool = False) -> State[Any]:
    """
    Show what restores of a tenant have put aside; with `delete` remove it for ever.

    Args:
        tenant: The tenant: a folder in tenants/ with its inventory.
        delete: Remove it. Otherwise nothing is changed.
    """
    async with Report(tenant) as report:
        subject = await load_tenant(tenant)
        async with operation(subject, lease_for("release-old") if delete else None):
            await look_around(subject)
            found = await formers(subject)
            await publish(subject, found)
            size = bytes_in_words(sum(former.size for former in found))
            if not found:
                report.conclude("Unchanged", "restores have put nothing aside")
            elif delete:
                report.changing = True
                for former in found:
                    await release(subject, former, report)
                report.conclude("Completed", f"{counted(len(found), 'former state')} removed, {size}")
            else:
                report.add(ResultRow("", former.stamp, "release", "planned", None, str(former)) for former in found)
                report.conclude("Planned", f"{counted(len(found), 'former state')}, {size}; nothing was removed")
    return report.state
