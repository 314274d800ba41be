"""Everything that can be known to fail is found before anything is touched."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

from prefect.logging import get_run_logger

from cutover.errors import CutoverError, Finding
from cutover.hosts import reach
from cutover.hosts.database import SESSION_ERRORS, Login, connected
from cutover.hosts.operation import current
from cutover.inventory import Tenant
from cutover.plan.desired import HostState
from cutover.plan.pairs import unheld
from cutover.plan.preflight import objections
from cutover.storage.place import external_bucket
from tasks.every import every
from tasks.outside import application_host, maintenance_login
from tasks.planning import Planned
from tasks.step import step
from tasks.stores import own_store, usable


@step("preflight {host}", timeout=90)
async def reachable(host: str, state: HostState) -> tuple[Finding, ...]:
    """Try, from this host, every address it will need; return what could not be reached."""
    output = await current().run(host, reach.ask(state.reaches))
    todo = "open the network between them, or correct the address in the inventory"
    return tuple(
        Finding("CUT-306", f"cannot reach {each.address}:{each.port} ({each.why})", host, why, todo)
        for each, why in reach.blocked(output.stdout, state.reaches)
    )


@step("free virtual IPs {host}", timeout=90)
async def unclaimed(host: str, addresses: Sequence[str]) -> tuple[Finding, ...]:
    """Ask, from this host, for virtual IPs that none of the tenant's hosts holds; return which are somebody's."""
    output = await current().run(host, reach.ask_who_claims(addresses))
    todo = "give the tenant an address that is free, or take it from that machine"
    return tuple(
        Finding("CUT-308", f"the virtual IP {address} is taken", host, f"{mac} answers for it", todo)
        for address, mac in reach.claimed(output.stdout).items()
    )


@step("preflight database", timeout=60)
async def database_usable(host: str, login: Login) -> tuple[Finding, ...]:
    """Log in to the tenant's external PostgreSQL by way of the host that will use it; return what failed."""
    where = f"PostgreSQL {login.address}:{login.port} from {host}"
    try:
        async with connected(await current().connection(host), login) as session:
            await session.fetchval("select 1")
    except SESSION_ERRORS as error:
        todo = "check postgres_host, postgres_port, postgres_user, postgres_password, postgres_ssl and who may connect"
        return (Finding("CUT-321", "the database cannot be used", where, str(error) or type(error).__name__, todo),)
    return ()


@step("preflight name", timeout=30)
async def name_resolves(fqdn: str, expected: Sequence[str]) -> tuple[Finding, ...]:
    """Look the tenant's name up; return a finding when nothing is found, a warning when it leads elsewhere."""
    try:
        rows = await asyncio.get_running_loop().getaddrinfo(fqdn, 443, type=socket.SOCK_STREAM)
    except OSError as error:
        todo = "create the DNS record, or remove fqdn to work by address"
        return (Finding("CUT-331", f"{fqdn} does not resolve", "fqdn", str(error), todo),)
    found = sorted({str(row[4][0]) for row in rows})
    if set(found) & set(expected):
        return ()
    why = f"it leads to {', '.join(found)}, the tenant's addresses are {', '.join(expected)}"
    todo = "nothing, if a load balancer or NAT stands between; otherwise correct the record"
    return (Finding("CUT-332", f"{fqdn} leads elsewhere", "fqdn", why, todo, fatal=False),)


async def _own_bucket() -> tuple[Finding, ...]:
    async with own_store() as store:
        return await usable("bucket", store)


async def outside_world(tenant: Tenant) -> tuple[Finding, ...]:
    """Return what speaks against the tenant's own bucket, database and name, all asked at the same time."""
    asked = []
    if external_bucket(tenant):
        asked.append(_own_bucket())
    if tenant.postgres_external:
        asked.append(database_usable(application_host(tenant).name, maintenance_login(tenant)))
    if tenant.variables.fqdn:
        addresses = sorted({address for host in tenant.hosts for address in (host.address, host.lan, host.wan)})
        asked.append(name_resolves(tenant.variables.fqdn, addresses))
    return tuple(finding for findings in await asyncio.gather(*asked) for finding in findings)


async def preflight(tenant: Tenant, planned: Planned) -> None:
    """
    Check everything that can be known to fail, on all hosts and around them, at the same time.

    Warnings are logged. Raises CutoverError with all findings together when one of them is fatal.
    """
    states, free = planned.desired.hosts, unheld(planned.desired.pairs, planned.observed)
    blocked, taken, outside = await asyncio.gather(
        every(states, lambda host: reachable(host, states[host])),
        every(free, lambda host: unclaimed(host, free[host])),
        outside_world(tenant),
    )
    found = [*planned.missing, *objections(planned.desired, planned.observed), *outside]
    found += [finding for each in (blocked, taken) for findings in each.values() for finding in findings]
    fatal = [finding for finding in found if finding.fatal]
    for finding in found:
        if not finding.fatal:
            get_run_logger().warning("%s", finding)
    if fatal:
        raise CutoverError(fatal)
