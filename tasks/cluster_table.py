"""A cluster in one table, the same for the terminal, for --json and for the UI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from prefect.artifacts import acreate_table_artifact

from cutover.amounts import bytes_in_words
from cutover.inventory import Host, Role, Tenant
from cutover.plan.cluster import Found, Node
from cutover.plan.members import MASTER, Member
from tasks.artifacts import ResultRow, key
from tasks.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Row:
    """
    One host of a cluster: the role it has by the inventory and the one it was found in, how far a standby is behind,
    the timeline, the virtual IPs it holds, whom its Sentinel takes for the master, what is wrong and which command
    mends that.
    """

    host: str
    configured: str
    found: str
    lag: str = ""
    timeline: str = ""
    addresses: str = ""
    sentinel: str = ""
    wrong: str = ""
    mend: str = ""


def rows(cluster: Cluster) -> tuple[Row, ...]:
    """Return the table, in the order of the inventory."""
    return tuple(_row(cluster, host) for host in cluster.tenant.hosts)


def _row(cluster: Cluster, host: Host) -> Row:
    wrong = [trouble for trouble in cluster.troubles if trouble.node == host.name]
    said = "; ".join(trouble.what for trouble in wrong)
    mend = "; ".join(dict.fromkeys(trouble.todo for trouble in wrong))
    if host.role is Role.SQL:
        return _of_node(cluster.pair.node(host.name), said, mend)
    return _of_member(cluster.tenant, host, cluster.group.member(host.name), said, mend)


def _of_node(node: Node, wrong: str, mend: str) -> Row:
    found = f"{node.found}, fenced" if node.fenced else str(node.found)
    kind = " (synchronous)" if node.synchronous else ""
    lag = "" if node.behind is None else bytes_in_words(node.behind)
    if node.behind and node.old is not None:
        lag += f", {node.old:.0f} s"
    timeline = str(node.timeline) if node.timeline else ""
    return Row(node.name, node.initial, found + kind, lag, timeline, _held(node.holds), "", wrong, mend)


def _of_member(tenant: Tenant, host: Host, member: Member, wrong: str, mend: str) -> Row:
    configured = {"main": "main", "backup": "backup"}.get(str(host.ha_role), str(host.role))
    parts = [f"redis {'master' if member.redis == MASTER else 'replica'}"] if member.redis else []
    parts += ["cron"] if member.cron else []
    found = str(Found.GONE) if member.why else ", ".join(parts) or "answers"
    opinion = ""
    if member.sentinel:
        known = next((other.name for other in tenant.hosts if other.lan == member.master), member.master or "nobody")
        opinion = f"master is {known}, {'majority' if member.quorum else 'no majority'}"
    return Row(host.name, configured, found, "", "", _held(member.holds), opinion, wrong, mend)


def _held(addresses: Iterable[str]) -> str:
    return ", ".join(sorted(addresses))


def trouble_rows(cluster: Cluster) -> Iterator[ResultRow]:
    """Yield what is wrong as rows of a result."""
    for each in cluster.troubles:
        yield ResultRow(each.node, "cluster", "look", "degraded", None, f"{each.what}; {each.todo}")


async def publish_cluster(cluster: Cluster) -> None:
    """Show a cluster in the UI."""
    tenant = cluster.tenant.name
    wrong = len(cluster.troubles)
    about = f"{wrong} things are wrong" if wrong > 1 else "one thing is wrong" if wrong else "nothing is wrong"
    await acreate_table_artifact([asdict(row) for row in rows(cluster)], key=key("cluster", tenant), description=about)
