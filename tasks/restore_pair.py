"""
The database pair of an HA tenant in a restore.

Loading and renaming are SQL on the primary, so the standby follows by itself and the pair stays one throughout.

Invariant: what is confirmed was loaded, renamed and confirmed on one timeline, and a standby that is with its primary
has all of it. A timeline ends when another node becomes primary, which may lack what the former one had not sent: then
the old state comes back, by way of the virtual IP, on whichever node holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cutover.amounts import bytes_in_words
from cutover.errors import CutoverError, Finding
from cutover.hosts import standby, swap
from cutover.hosts.cluster import SILENT
from cutover.hosts.database import SESSION_ERRORS, Session, connected
from cutover.hosts.operation import current
from cutover.hosts.swap import Names
from cutover.inventory import Layout, Tenant
from cutover.plan.cluster import Found
from cutover.plan.estimate import Estimate, needed_alone
from tasks.cluster import Cluster, look_at_cluster
from tasks.reading import PATIENCE
from tasks.restore_databases import server_session
from tasks.restore_plan import Restoring, Server, ServingPair
from tasks.step import step

TIMELINE = """
select case when pg_is_in_recovery() then 0
  else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int end
"""


ANOTHER_PRIMARY = "another node became primary meanwhile"


async def look_at_pair(tenant: Tenant) -> Cluster | None:
    """
    Return the cluster of an HA tenant, None for any other.

    Raises CutoverError (CUT-859) unless exactly one node of its database pair serves.
    """
    if tenant.layout is not Layout.HA:
        return None
    found = await look_at_cluster(tenant)
    primaries = [node.name for node in found.pair.nodes if node.found is Found.PRIMARY]
    if not found.verdict.serves or len(primaries) != 1:
        why = f"{' and '.join(primaries)} are primary" if primaries else "neither node is primary"
        todo = f"run `cutover recover {tenant.name}` first, then restore"
        raise CutoverError(Finding("CUT-859", "there is no one node to restore on", tenant.name, why, todo))
    return found


def absent(cluster: Cluster | None) -> frozenset[str]:
    """Return the standby's host when it does not answer: the only one that a restore can do without."""
    if cluster is None:
        return frozenset()
    follower = cluster.pair.other(cluster.pair.node(cluster.verdict.serves))
    return frozenset() if follower.answers or follower.why == SILENT else frozenset({follower.name})


def serving(cluster: Cluster | None) -> ServingPair | None:
    """Return who serves and who is to follow."""
    if cluster is None:
        return None
    node = cluster.pair.node(cluster.verdict.serves)
    return ServingPair(node.name, node.timeline, cluster.pair.other(node).name)


def about_pair(cluster: Cluster | None, measured: Estimate) -> Iterable[Finding]:
    """Yield what speaks against a restore on an HA tenant's pair: its disks, and a standby that is not with it."""
    if cluster is None:
        return
    tenant = cluster.tenant
    primary = cluster.pair.node(cluster.verdict.serves)
    follower = cluster.pair.other(primary)
    needed = measured.needed if follower.streaming else needed_alone(measured)
    for node in (primary, follower):
        if node.free and node.free < needed:
            why = f"{bytes_in_words(node.free)} are free, {bytes_in_words(needed)} are needed beside the old database"
            todo = f"free space (`cutover release-old {tenant.name}` removes former databases), or enlarge the disk"
            yield Finding("CUT-757", "the disk is too small for the restore", node.name, why, todo)
    for trouble in cluster.verdict.troubles:
        if trouble.node == follower.name:
            yield _apart(tenant, follower.name, f"it {trouble.what}", follows=follower.streaming)


def _apart(tenant: Tenant, node: str, why: str, *, follows: bool) -> Finding:
    """A restore needs no standby, but in synchronous mode nobody can write without one that follows."""
    mend = f"bring it back: cutover recover {tenant.name}"
    todo = f"wait for it, see: cutover status {tenant.name}" if follows else mend
    fatal = tenant.variables.postgres_synchronous and not follows
    return Finding("CUT-861", "the standby is not with its primary", node, why, todo, fatal=fatal)


async def timeline_of(session: Session) -> int:
    """Return the timeline of a primary; 0 for a standby."""
    return int(await session.fetchval(TIMELINE))


async def demand_same_primary(session: Session, it: Restoring) -> None:
    """Raise CutoverError (CUT-860) when this is not the primary that the restore began with, on its timeline."""
    if it.pair is None:
        return
    timeline = await timeline_of(session)
    if timeline != it.pair.timeline:
        now = f"timeline {timeline}" if timeline else "a standby"
        why = f"it began on {it.pair.serves}, timeline {it.pair.timeline}; {it.server.login.address} is now {now}"
        todo = f"see `cutover status {it.tenant.name}`, then restore again"
        raise CutoverError(Finding("CUT-860", ANOTHER_PRIMARY, it.server.where, why, todo))


@step("standby {host}", retries=0, timeout=240)
async def standby_apart(host: str, it: Restoring) -> Finding | None:
    """Wait until the standby shows all that its primary has now; return what is wrong when it does not."""
    async with server_session(it.server) as primary:
        end = await standby.position(primary)
    login = replace(it.server.login_to_server, address=it.tenant.host(host).lan)
    try:
        async with connected(await current().connection(it.server.host), login) as session:
            behind = await standby.follow(session, end, PATIENCE)
    except SESSION_ERRORS as error:
        return _apart(it.tenant, host, str(error) or type(error).__name__, follows=False)
    if behind is None:
        return None
    return _apart(it.tenant, host, f"it lacks {bytes_in_words(behind.lacks)} of the log", follows=behind.follows)


@step("confirm in the database of {host}", retries=0, timeout=120)
async def seal(host: str, it: Restoring) -> None:
    """Write down beside the databases that nobody swaps them back; raises CutoverError when somebody has done it."""
    async with server_session(it.server) as session:
        await demand_same_primary(session, it)
        if not await swap.seal(session, it.names):
            what, why = "the host has begun to go back to the old state by itself", "the databases are swapped back"
            raise CutoverError(Finding("CUT-766", what, host, why, "see that it is up, then restore again"))


@step("open databases of {host}", timeout=120)
async def unseal(host: str, server: Server, names: Names) -> None:
    """Let the databases be swapped back again."""
    async with server_session(server) as session:
        await swap.unseal(session, names)
