"""Upgrade all tenants, wave after wave."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.upgrade import upgrade
from tasks.fleet import AtOnce, Chosen, StopAfter, as_subflow, in_waves, judge, readable
from tasks.waves import approve_wave, waves

First = Annotated[int, Field(ge=1, description="How many tenants the first wave has")]
Then = Annotated[int, Field(ge=1, description="How many tenants the second wave has; the third has the rest")]


@flow(name="upgrade-fleet", flow_run_name="upgrade-fleet")
async def upgrade_fleet(
    *,
    first: First = 1,
    then: Then = 5,
    at_once: AtOnce = 5,
    stop_after: StopAfter = 1,
    tenants: Chosen = [],  # noqa: B006
    approved: bool = False,
) -> State[Any]:
    """
    Bring all tenants to what their inventories say: first one, then a few, then the rest, each in a run of its own.

    Invariant: no wave begins before the one before it is over and, unless approved beforehand, a person has seen how it
    fared and said yes. After too many failures no other tenant is begun. Each tenant has its own way back.

    Args:
        first: How many tenants the first wave has.
        then: How many tenants the second wave has; the third has the rest.
        at_once: How many tenants at the same time.
        stop_after: After so many failures no other tenant is begun; those under way end.
        tenants: Only these, in this order; without any, all of them.
        approved: Do not ask before a wave.
    """
    chosen, unreadable = await readable(tenants)
    upgraded = await in_waves(
        waves(chosen, first, then),
        lambda tenant: as_subflow(tenant, "upgrade", lambda: upgrade(tenant, approved=True, return_state=True)),
        at_once=at_once,
        stop_after=stop_after,
        before=None if approved else approve_wave,
    )
    return await judge([*upgraded, *unreadable], "fleet-upgrade")
