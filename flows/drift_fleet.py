"""Compare all tenants' hosts with what was left there and with the inventories."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.drift import drift
from tasks.fleet import AtOnce, Chosen, as_subflow, each, judge, readable


@flow(name="drift-fleet", flow_run_name="drift-fleet")
async def drift_fleet(at_once: AtOnce = 10, tenants: Chosen = []) -> State[Any]:  # noqa: B006
    """
    Compare all tenants' hosts with what Cutover left there and with the inventories. Nothing is changed on any host.

    Args:
        at_once: How many tenants at the same time.
        tenants: Only these; without any, all of them.
    """
    chosen, left_out = await readable(tenants)
    compared = await each(
        chosen,
        lambda tenant: as_subflow(tenant, "drift", lambda: drift(tenant, return_state=True)),
        at_once=at_once,
        stop_after=len(chosen) + 1,
    )
    return await judge([*compared, *left_out], "fleet-drift")
