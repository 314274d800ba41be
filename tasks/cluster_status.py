"""The state of an HA tenant: its cluster in one table, and the components of all hosts that answer."""

from __future__ import annotations

from cutover.hosts.operation import current
from tasks.cluster import Cluster
from tasks.cluster_table import publish_cluster, trouble_rows
from tasks.planning import make_plan
from tasks.report import Report
from tasks.verdict import judge_tenant


async def judge_cluster(found: Cluster, report: Report) -> None:
    """
    Show the cluster, ask every component on the hosts that answer, and conclude the run as Healthy or Degraded.

    Of database hosts of the old tool nothing is wanted but what the cluster shows.
    """
    await publish_cluster(found)
    report.add(trouble_rows(found))
    others = await make_plan(current().tenant, {*found.absent, *found.pair.of_old_tool})
    await judge_tenant(others, report, well="Healthy")
    if found.troubles:
        first, more = found.troubles[0], len(found.troubles) - 1
        also = f" (and {more} more)" if more else ""
        report.conclude("Degraded", f"{first.node}: {first.what}{also}; {first.todo}", well=False)
