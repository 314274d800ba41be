"""A first look at a tenant's hosts, for operations that do not compare them with a plan."""

from __future__ import annotations

from cutover.hosts.facts import Questions
from cutover.hosts.operation import current
from cutover.inventory import Tenant
from cutover.plan.observed import ObservedHost
from tasks.every import every
from tasks.hosts import observe


async def look_around(tenant: Tenant) -> dict[str, ObservedHost]:
    """
    Read every host of a tenant of any layout in one round trip: its system, containers, images and record.

    The tenant's lease is taken with it when the operation has one; raises LeaseHeldError when another holds it.
    """
    observed = await every((host.name for host in tenant.hosts), lambda host: observe(host, Questions()))
    await current().settle_lease()
    return observed
