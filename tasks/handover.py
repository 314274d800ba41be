"""
One host of a pair hands over to the other before what serves on it restarts: there is always one that serves.

By then the order of the plan has the other one restarted and healthy. Whether it can take over is for those to say
who decide who serves: keepalived, the Sentinels, HAProxy.
"""

from __future__ import annotations

from prefect.logging import get_run_logger

from cutover.errors import CutoverError, Finding
from cutover.hosts import handover
from cutover.hosts.operation import current
from cutover.inventory import Layout, Role, Tenant
from cutover.plan.diff import Start
from cutover.plan.order import Node
from cutover.products.omnileads.components.haproxy import COOKIE, node_names
from cutover.products.omnileads.components.redis import Redis
from cutover.products.omnileads.components.sentinel import Sentinel
from cutover.products.omnileads.handover import BY_ADDRESS, BY_BALANCER, BY_SENTINELS
from cutover.products.omnileads.pairs import pairs
from cutover.products.omnileads.site import sentinels
from tasks.cluster import look_at_cluster
from tasks.every import every
from tasks.hosts import must_succeed
from tasks.step import step

READY = 60
"""Seconds that the other host may take after its own restart until it can take over."""

TAKING = 30
"""Seconds that it may take for it."""

LEAVING = 4
"""Seconds in which HAProxy, which looks every two, has seen twice that a web node refuses it."""

CLOSED = 120
"""Seconds after which a host lets HAProxy in again by itself; what nobody should see, the stop, takes 70 at most."""

WEB = 443
"""The port of a web node's nginx."""

REFUSED = "the other host of the pair does not take over"


async def demand_redundancy(tenant: Tenant) -> None:
    """Raise CutoverError (CUT-871) for a tenant of pairs in which one host could not do without the other."""
    if tenant.layout is not Layout.HA:
        return
    found = await look_at_cluster(tenant)
    if found.troubles:
        what = "a pair has not both of its hosts"
        raise CutoverError(Finding("CUT-871", what, each.node, each.what, each.todo) for each in found.troubles)
    first, second = (host.name for host in tenant.hosts_of(Role.APP))
    others = {first: second, second: first}
    await every(others, lambda host: demand_traffic(host, others[host]))


async def hand_over(node: Node) -> None:
    """
    Have the other host of the pair serve before a component restarts that serves on this one.

    Raises CutoverError (CUT-870) when the other one, which was restarted just before, does not take over.
    """
    if not _gives_way(node):
        return
    if node.component in BY_SENTINELS:
        await give_redis(node.host, node.peer, READY if node.behind else 0)
    elif node.component in BY_ADDRESS and node.behind:
        await give_address(node.host, node.peer)
    elif node.component in BY_BALANCER:
        if node.behind:
            await demand_traffic(node.host, node.peer)
        if node.behind or await _leads_to(node.host, node.peer):
            await leave_balancer(node.host)


async def take_back(node: Node) -> None:
    """Have a component that was restarted and answers serve again beside the one of the other host."""
    if _gives_way(node) and node.component in BY_BALANCER:
        await return_to_balancer(node.host)


def _gives_way(node: Node) -> bool:
    """Return whether a start interrupts what another host can do meanwhile."""
    return bool(node.peer) and isinstance(node.act, Start) and node.act.interrupts


@step("hand the virtual IP over from {host} to {peer}", timeout=150)
async def give_address(host: str, peer: str) -> None:
    """Give the virtual IP of a pair to the other host, when this one has it."""
    this = current()
    address = next(pair.addresses[0] for pair in pairs(this.tenant) if host in pair.hosts)
    if not await _says_yes(host, handover.ask("holds_address", address)):
        return
    if not await _says_yes(peer, handover.ask("waits_for_turn", within=READY)):
        raise CutoverError(_refused(peer, "keepalived there does not wait for its turn", "journalctl -u keepalived"))
    output = await this.run(host, handover.give_address(this.required_lease()))
    must_succeed(host, output, "CUT-870", REFUSED)
    if not await _says_yes(peer, handover.ask("holds_address", address, within=TAKING)):
        raise CutoverError(_refused(peer, f"it does not take {address}", "journalctl -u keepalived"))


@step("hand Redis over from {host} to {peer}", timeout=240)
async def give_redis(host: str, peer: str, patience: int) -> None:
    """
    Have the Sentinels make the other Redis the master, when this one is.

    Without `patience` (seconds) one that is not ready is left as it is: it may be what is about to be mended.
    """
    this = current()
    container = str(Redis.container)
    mine, other = (this.tenant.host(name).lan for name in (host, peer))
    if not await _says_yes(host, handover.ask("redis_is_master", container, mine)):
        return
    if not await _says_yes(peer, handover.ask("redis_follows", container, other, within=patience)):
        if not patience:
            get_run_logger().warning("Redis on %s does not follow; the master on %s restarts all the same", peer, host)
            return
        raise CutoverError(_refused(peer, "Redis there does not follow the master", "journalctl -u redis"))
    sentinel = sentinels(this.tenant)[0]
    text = handover.fail_over(str(Sentinel.container), sentinel.lan, TAKING, this.required_lease())
    output = await this.run(sentinel.name, text)
    must_succeed(sentinel.name, output, "CUT-870", REFUSED)
    if not await _says_yes(peer, handover.ask("redis_is_master", container, other, within=TAKING)):
        raise CutoverError(_refused(peer, "Redis there did not become master", "journalctl -u redis"))


@step("HAProxy leads to {peer}", timeout=150)
async def demand_traffic(host: str, peer: str) -> None:
    """Return once HAProxy lets the other web node answer; raises CutoverError (CUT-870) when it does not."""
    if not await _leads_to(host, peer, within=READY):
        why = f"HAProxy at {_site_url(current().tenant)} sends nobody there"
        raise CutoverError(_refused(peer, why, "curl -kI https://localhost/"))


def _site_url(tenant: Tenant) -> str:
    """Return the address of a tenant's site."""
    return f"https://{tenant.variables.application_host}:{tenant.variables.app_port}/"


async def _leads_to(host: str, peer: str, within: int = 0) -> bool:
    """Return whether a host finds HAProxy leading to its peer, which is asked for so many seconds."""
    tenant = current().tenant
    return await _says_yes(
        host, handover.ask("balancer_leads_to", _site_url(tenant), COOKIE, node_names(tenant)[peer], within=within)
    )


@step("HAProxy leaves {host}", timeout=60)
async def leave_balancer(host: str) -> None:
    """
    Have HAProxy send nobody new to a web node, and let what it has begun there end.

    A request that is under way when a node's check fails would be cut off. The node comes back by itself in the end.
    """
    this = current()
    output = await this.run(host, handover.close_door(WEB, CLOSED, LEAVING, this.required_lease()))
    must_succeed(host, output, "CUT-870", "HAProxy could not be sent away")


@step("HAProxy returns to {host}", timeout=60)
async def return_to_balancer(host: str) -> None:
    """Let HAProxy send people to a web node again."""
    this = current()
    output = await this.run(host, handover.open_door(this.required_lease()))
    must_succeed(host, output, "CUT-870", "HAProxy could not be let in again")


async def _says_yes(host: str, text: str) -> bool:
    output = await current().run(host, text, patience=READY + 30)
    return output.status == 0


def _refused(peer: str, why: str, look: str) -> Finding:
    todo = f"see `{look}` on {peer}; its counterpart goes on serving as it is"
    return Finding("CUT-870", REFUSED, peer, why, todo)
