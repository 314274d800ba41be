"""A tenant's restore: its ground, and the whole of it from loading beside to confirming, with the way back."""

from __future__ import annotations

import asyncio

from cutover.errors import CutoverError
from cutover.inventory import Tenant
from cutover.plan.diff import HostPlan, Pull
from cutover.products.omnileads import saved
from tasks import backup_preflight
from tasks.backup_preflight import Ready
from tasks.every import every
from tasks.hosts import pinned
from tasks.images import pull, resolve
from tasks.planning import Planned, make_plan
from tasks.report import Report
from tasks.restore_exchange import Exchange, exchange
from tasks.restore_load import load_beside
from tasks.restore_pair import absent, look_at_pair
from tasks.restore_plan import Ground, Restoring, Server, server_of
from tasks.restore_preflight import as_installed, judge
from tasks.restore_settle import settle
from tasks.restore_undo import undo

CANCELLED = 18.0
"""Seconds for the way back of a run that was cancelled; Prefect kills it 30 seconds after it was told to end."""


async def survey(tenant: Tenant) -> Ground:
    """
    Look at a tenant, put right what an earlier restore may have left, and return it as it is then.

    Raises CutoverError when it is not installed as its inventory says.
    """
    cluster = await look_at_pair(tenant)
    planned = await make_plan(tenant, absent(cluster))
    judge(as_installed(planned))
    server = await database_server(tenant, planned)
    return Ground(tenant, planned, server, await settle(tenant, planned.desired, server), cluster)


async def database_server(tenant: Tenant, planned: Planned) -> Server:
    """Return the tenant's database server; the image with PostgreSQL's tools is on the hosts that use it then."""
    image = saved.database(tenant).image
    digests, missing = await resolve(frozenset({image}), pinned(planned.observed))
    if missing:
        raise CutoverError(missing)
    reference = f"{image.name}@{digests[image]}"
    server = server_of(tenant, reference)
    pulls = (Pull(image.name, digests[image], image.tag),)
    lacking = [host for host in server.hosts if reference not in planned.observed[host].images]
    await every(lacking, lambda host: pull(host, HostPlan(host, pulls=pulls)))
    return server


async def safety_net(it: Restoring) -> Ready | None:
    """Return what the safety backup needs, checked before anything is touched; None where there is nothing to save."""
    if not it.productive:
        return None
    return await backup_preflight.preflight(it.tenant, it.planned.observed)


async def restore_with_way_back(it: Restoring, safety: Ready | None, report: Report) -> None:
    """
    Load the backup beside what serves, then exchange the two.

    Whatever fails, the old state is put back before that is raised again. A run that is cancelled has not long for it:
    what it does not manage, the hosts do by themselves as soon as it has given the tenant back.
    """
    this = Exchange(it, safety)
    try:
        await load_beside(it, report)
        await exchange(this, report)
    except BaseException as error:
        within = None if isinstance(error, Exception) else CANCELLED
        await asyncio.shield(undo(this, report, within))
        raise
