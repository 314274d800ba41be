"""Back all tenants up."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.backup import backup
from tasks.fleet import AtOnce, Chosen, StopAfter, as_subflow, each, judge, readable


@flow(name="backup-fleet", flow_run_name="backup-fleet")
async def backup_fleet(at_once: AtOnce = 5, stop_after: StopAfter = 3, tenants: Chosen = []) -> State[Any]:  # noqa: B006
    """
    Save all tenants, each in a run of its own below this one.

    Invariant: no tenant keeps another from being saved. An inventory with errors and a tenant that another operation
    holds are reported; only when several fail, as they would all when the store is down, no more are begun.

    Args:
        at_once: How many tenants at the same time.
        stop_after: After so many failures no other tenant is begun; those under way end.
        tenants: Only these; without any, all of them.
    """
    chosen, unreadable = await readable(tenants)
    saved = await each(
        chosen,
        lambda tenant: as_subflow(tenant, "backup", lambda: backup(tenant, why="fleet", return_state=True)),
        at_once=at_once,
        stop_after=stop_after,
    )
    return await judge([*saved, *unreadable], "fleet-backup")
