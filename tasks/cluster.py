"""An HA tenant's cluster as a whole: looked at, host by host, also when some do not answer; and proven to work."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from cutover.errors import CutoverError, Finding, LeaseHeldError
from cutover.hosts import cluster, lease
from cutover.hosts.database import SESSION_ERRORS, connected
from cutover.hosts.operation import current
from cutover.inventory import Host, Layout, Role, Tenant
from cutover.plan.cluster import Node, Pair, Trouble, Verdict, judge, related
from cutover.plan.members import Group, Member, troubles
from cutover.products.omnileads.pair import voters
from tasks.every import every
from tasks.reading import database_login
from tasks.step import step

SETTLING = 60.0
"""Seconds that a cluster has to be as it should be after something was done to it."""

PAUSE = 1.0
"""Seconds between two looks at it meanwhile."""

WRITE = "begin; create temporary table cutover_can_write (it int) on commit drop; rollback"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A tenant's cluster as it was found: the database pair with the verdict on it, and the other hosts."""

    tenant: Tenant
    pair: Pair
    verdict: Verdict
    group: Group

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Everything that is wrong, with the command that mends it."""
        return (*self.verdict.troubles, *troubles(self.group))

    @property
    def absent(self) -> tuple[str, ...]:
        """The hosts that do not answer."""
        nodes = [node.name for node in self.pair.nodes if not node.answers]
        return (*nodes, *(member.name for member in self.group.members if member.why))


def demand_ha(tenant: Tenant) -> None:
    """Raise CutoverError (CUT-850) for a tenant that has no cluster."""
    if tenant.layout is not Layout.HA:
        todo = f"see how it is: cutover status {tenant.name}"
        why = f"its layout is {tenant.layout}: one host for each role"
        raise CutoverError(Finding("CUT-850", "the tenant has no cluster", tenant.name, why, todo))


async def look_at_cluster(tenant: Tenant, wrong: str = "") -> Cluster:
    """
    Look at every host at the same time and return what was found; a host that does not answer is part of it.

    `wrong` is the node that the operator names as the one to be brought back. The lease is taken with it when the
    operation has one. Raises LeaseHeldError when another operation holds the tenant.
    """
    nodes, members = await asyncio.gather(
        every((host.name for host in tenant.hosts_of(Role.SQL)), look_at_node),
        every((host.name for host in tenant.hosts if host.role is not Role.SQL), look_at_member),
    )
    await current().settle_lease()
    v = tenant.variables
    first, second = related((nodes["sql_1"], nodes["sql_2"]))
    pair = Pair(tenant.name, (first, second), str(v.postgres_host), str(v.postgres_ro_host))
    return Cluster(tenant, pair, judge(pair, wrong), _group(tenant, members.values()))


def _group(tenant: Tenant, members: Iterable[Member]) -> Group:
    v = tenant.variables
    addresses: dict[str, tuple[str, tuple[str, ...]]] = {
        "the address for writing": (str(v.postgres_host), ()),
        "the address for reading": (str(v.postgres_ro_host), ()),
        "the address of telephony": (str(v.voice_host), ("voice_1", "voice_2")),
        "the address of the web": (str(v.application_host), ("haproxy_1", "haproxy_2")),
    }
    return Group(tenant.name, tuple(members), addresses, ("app_1", "app_2"))


def virtual_addresses(tenant: Tenant) -> tuple[str, ...]:
    """Return all virtual IPs of a tenant."""
    v = tenant.variables
    return tuple(str(each) for each in (v.postgres_host, v.postgres_ro_host, v.voice_host, v.application_host))


@step("look at {host}", retries=0, timeout=60)
async def look_at_node(host: str) -> Node:
    """Look at a database node as a step of its own."""
    return await read_node(host)


async def read_node(host: str) -> Node:
    """Return what a database node is; that it does not answer is an answer."""
    this = current()
    one = this.tenant.host(host)
    try:
        output = await this.look(host, cluster.LIBRARY, cluster.look_lines(virtual_addresses(this.tenant)))
    except LeaseHeldError:
        raise
    except CutoverError as error:
        return cluster.gone(one, _why(error))
    return cluster.node(one, output.stdout)


@step("look at {host}", retries=0, timeout=60)
async def look_at_member(host: str) -> Member:
    """Look at another host of the tenant as a step of its own."""
    return await read_member(host)


async def read_member(host: str) -> Member:
    """Return what another host of the tenant holds; that it does not answer is an answer."""
    this = current()
    one = this.tenant.host(host)
    try:
        output = await this.look(host, cluster.LIBRARY, cluster.member_lines(one, virtual_addresses(this.tenant)))
    except LeaseHeldError:
        raise
    except CutoverError as error:
        return Member(host, one.lan, why=_why(error))
    return cluster.member(one, output.stdout)


def _why(error: CutoverError) -> str:
    found = error.findings[0]
    return found.why or found.what


def demand_majority(tenant: Tenant, *, others_off: bool) -> bool:
    """
    Raise CutoverError (CUT-851) when too few of the hosts that vote answer for anything to be changed.

    With `others_off` the operator has said that those that do not answer are off; returns whether it rests on that.
    """
    names = [host.name for host in voters(tenant)]
    missing = lease.lacking(names, current().answers)
    if missing and not others_off:
        why = f"{' and '.join(missing)} do not answer; they may be working, and with them another operation"
        todo = f"if they are off: cutover recover {tenant.name} --others-are-off; else mend the network first"
        raise CutoverError(Finding("CUT-851", "a majority of the hosts that vote is missing", tenant.name, why, todo))
    return bool(missing)


async def settled(tenant: Tenant, within: float = SETTLING) -> Cluster:
    """Look until nothing is wrong with the database pair, for some seconds; return what was seen last."""
    clock = asyncio.get_running_loop().time
    until = clock() + within
    while True:
        found = await look_at_cluster(tenant)
        absent = {node.name for node in found.pair.nodes if not node.answers}
        wrong = [trouble for trouble in found.verdict.troubles if trouble.node not in absent]
        if (not wrong and found.verdict.serves) or clock() > until:
            return found
        await asyncio.sleep(PAUSE)


def client_host(found: Cluster) -> Host:
    """Return a host that the platform's components write from, one that answers; else the node that serves."""
    there = [member.name for member in found.group.members if not member.why]
    hosts = found.tenant.hosts_of(Role.APP, Role.VOICE, Role.HAPROXY)
    return next((host for host in hosts if host.name in there), None) or found.tenant.host(found.verdict.serves)


@step("write through the virtual IP", timeout=90)
async def demand_writing(tenant: Tenant, host: str) -> None:
    """Write as the platform does, through the virtual IP by way of a host; raises CutoverError (CUT-852)."""
    login = database_login(tenant, str(tenant.variables.postgres_host))
    try:
        async with connected(await current().connection(host), login) as session:
            await session.execute(WRITE)
    except SESSION_ERRORS as error:
        where = f"{login.address}:{login.port} from {host}"
        todo = f"see who holds the address: cutover status {tenant.name}"
        why = str(error) or type(error).__name__
        raise CutoverError(
            Finding("CUT-852", "nothing can be written through the virtual IP", where, why, todo)
        ) from error
