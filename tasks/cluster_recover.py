"""The way back of a cluster: shown with what it costs, gone step by step, a dearer one where the first fails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from prefect.artifacts import acreate_markdown_artifact
from prefect.logging import get_run_logger

from cutover.errors import CutoverError, Finding
from cutover.hosts import cluster as hosts_cluster
from cutover.hosts.connection import Output
from cutover.hosts.job import carry_out, clear
from cutover.hosts.lease import guard_lines
from cutover.hosts.operation import current
from cutover.hosts.script import call, script
from cutover.inventory import Tenant
from cutover.plan.cluster import DISCARDED, UNSENT, Found, Pair, Step, Way, related
from tasks.approval import approve
from tasks.artifacts import ResultRow, counted, key, table
from tasks.cluster import Cluster, client_host, demand_writing, read_node, settled
from tasks.cluster_table import publish_cluster, trouble_rows
from tasks.every import every
from tasks.hosts import must_succeed
from tasks.report import Report
from tasks.step import step

STREAMING = 30.0
"""Seconds that a standby has to stream after it was started."""

DEARER = {Way.START: Way.FOLLOW, Way.FOLLOW: Way.REWIND, Way.REWIND: Way.CLONE}
"""What is tried when a way did not lead back."""

OPENING = frozenset({Way.OPEN, Way.PROMOTE})
REJOINING = frozenset({Way.FOLLOW, Way.REWIND, Way.CLONE})


@dataclass(frozen=True, slots=True)
class Recovery:
    """
    A way back that is about to be gone: the cluster as found, and the steps with what they really cost.

    `alone` says that a single voter is left, and that the operator knows the others to be off.
    """

    cluster: Cluster
    steps: tuple[Step, ...]
    alone: bool = False

    @property
    def costs(self) -> tuple[Step, ...]:
        """The steps that need somebody's yes."""
        return tuple(step for step in self.steps if step.costs)


def demand_way(found: Cluster) -> None:
    """Raise CutoverError (CUT-853) when there is no way back by itself, with the command that would be right."""
    if blocked := found.verdict.blocked:
        raise CutoverError(Finding("CUT-853", "it is not brought back", blocked.node, blocked.what, blocked.todo))


async def weigh(found: Cluster, *, alone: bool) -> Recovery:
    """Return the way back with what it costs: what rewinding would discard is counted on the node."""
    return Recovery(found, tuple([await _weighed(each, found) for each in found.verdict.steps]), alone)


async def _weighed(each: Step, found: Cluster) -> Step:
    if each.way is not Way.REWIND or found.pair.node(each.node).found is not Found.STOPPED:
        return each
    return replace(each, costs=await _lost(each.node, found))


async def _lost(name: str, found: Cluster) -> str:
    fork = found.pair.node(found.verdict.serves).history.get(found.pair.node(name).timeline)
    if fork is None:
        return UNSENT
    count = await count_beyond(name, f"{fork >> 32:X}/{fork & 0xFFFFFFFF:X}")
    return f"{counted(count, 'transaction')} that it had not sent before, discarded for good" if count else ""


@step("count what {host} has alone", timeout=120)
async def count_beyond(host: str, position: str) -> int:
    """Return how many committed transactions a stopped node has beyond a position in its log."""
    output = await change(host, [call("node_beyond", position)], patience=100)
    return int(output.strip() or 0)


async def publish_recovery(recovery: Recovery) -> str:
    """Show a way back in the UI, and return it as text."""
    tenant = recovery.cluster.tenant.name
    lines = [f"# Recovery of {tenant}", ""]
    serves = recovery.cluster.verdict.serves
    lines.append(f"{serves} serves, and is not touched." if serves else "Nobody serves.")
    lines += ["", *table(("host", "step", "because", "costs"), [_words(each) for each in recovery.steps])]
    text = "\n".join(lines)
    await acreate_markdown_artifact(text, key=key("plan", tenant), description=counted(len(recovery.steps), "step"))
    return text


def _words(each: Step) -> tuple[str, ...]:
    return each.node, str(each.way), each.reason, each.costs or "nothing"


async def recover_cluster(recovery: Recovery, report: Report, *, approved: bool) -> None:
    """
    Go the way back, step by step.

    Where a node does not stream afterwards the next dearer way is gone; one that discards its database is asked for
    first, unless that is `approved`. Raises CutoverError when a step fails.
    """
    tenant, serves = recovery.cluster.tenant, recovery.cluster.verdict.serves
    await every({each.node for each in recovery.steps}, clear_earlier_work)
    for each in recovery.steps:
        if each.way in REJOINING or each.way is Way.START:
            await rejoined(tenant, each, serves, report, approved=approved)
        else:
            await act(each.node, each.way, recovery.cluster.pair, alone=recovery.alone and each.way in OPENING)
            report.add([ResultRow(each.node, "postgresql", str(each.way), "ok", None, each.reason)])
        if each.way in OPENING:
            serves = each.node


async def rejoined(tenant: Tenant, each: Step, serves: str, report: Report, *, approved: bool) -> None:
    """Make a node a standby, by the way that was chosen or by dearer ones."""
    way = each.way
    while True:
        problem = await _problem(tenant, each.node, serves, way)
        if not problem:
            report.add([ResultRow(each.node, "postgresql", str(way), "ok", None, each.reason)])
            return
        if way not in DEARER:
            todo = f"see `journalctl -u postgresql@*` on {each.node}, mend the cause, then run it again"
            raise CutoverError(Finding("CUT-854", "the node did not come back", each.node, problem, todo))
        report.add([ResultRow(each.node, "postgresql", str(way), "gave up", None, problem)])
        get_run_logger().warning("%s: %s did not lead back: %s", each.node, way, problem)
        way = DEARER[way]
        if way is Way.CLONE and not approved:
            await approve(tenant.name, f"{each.node} can only be copied anew from {serves}: {DISCARDED}. {problem}")


async def _problem(tenant: Tenant, name: str, serves: str, way: Way) -> str:
    """Go one way, and return why the node does not stream after it; empty when it does."""
    size = await feed(serves, hosts_cluster.slot(tenant, name))
    if way is Way.START:
        try:
            await start(name)
        except CutoverError as error:
            return error.findings[0].why
    elif problem := await rejoin(name, serves, way, size):
        return problem
    return await follows(name, serves)


async def change(host: str, lines: list[str], *, patience: float) -> str:
    """Run lines that change a host, under the lease; raises CutoverError (CUT-855) with what they said."""
    output = await under_lease(host, lines, patience=patience)
    must_succeed(host, output, "CUT-855", "a step of the cluster failed")
    return output.stdout


async def under_lease(host: str, lines: list[str], *, patience: float) -> Output:
    """Run lines that change a host, under the lease, and return how they ended."""
    this = current()
    text = script(("lease", hosts_cluster.LIBRARY), [*guard_lines(this.required_lease()), *lines])
    return await this.run(host, text, patience=patience)


@step("earlier work on {host}", timeout=120)
async def clear_earlier_work(host: str) -> None:
    """End what a run that died has left working on a node."""
    await clear(current(), host)


@step("make ready to feed a standby on {host}", timeout=330)
async def feed(host: str, slot: str) -> int:
    """Write the node's memory to disk and keep the log for its standby; return the bytes that a copy takes."""
    said = await change(host, [f"{call('node_ready_to_feed', slot)} || exit", "node_size"], patience=310)
    return int(float(said.strip() or 0) * 1.1)


@step("{way} {host}", retries=0, timeout=7 * 86400)
async def rejoin(host: str, serves: str, way: Way, size: int) -> str:
    """Make a node a standby of the one that serves; return why it failed, empty when it did not."""
    this = current()
    tenant = this.tenant
    feeding = hosts_cluster.Feed(tenant.host(serves).lan, hosts_cluster.slot(tenant, host), host)
    state = await carry_out(this, host, hosts_cluster.rejoin(way, feeding, size))
    return "\n".join(state.log.strip().splitlines()[-8:]) or f"exit status {state.status}" if state.status else ""


@step("start {host}", timeout=360)
async def start(host: str) -> None:
    """Start a standby, and what watches it."""
    await change(host, [f"{call('node_place')} && {call('node_start')}"], patience=340)


@step("wait until {host} follows", timeout=120)
async def follows(host: str, serves: str) -> str:
    """Wait until a node streams from the one that serves; return why it does not."""
    clock = asyncio.get_running_loop().time
    until = clock() + STREAMING
    while True:
        both = related((await read_node(host), await read_node(serves)))
        if both[0].streaming:
            return ""
        if clock() > until:
            return f"it is {both[0].found}, and does not stream from {serves}"
        await asyncio.sleep(0.5)


FUNCTIONS = {
    Way.RELEASE: "node_give_up",
    Way.STOP: "node_put_down",
    Way.PROMOTE: "node_promote",
    Way.OPEN: "node_open",
    Way.WATCH: "node_watch",
}
"""What is called on the node for a step that changes nothing in its data (remote/cluster.sh)."""


@step("{way} {host}", timeout=330)
async def act(host: str, way: Way, pair: Pair, *, alone: bool) -> None:
    """
    Do one short thing to a node: give up the address for writing, stop, promote, open, start what watches.

    With `alone` its guard decides without the other voters from now on, until one of them is heard.
    """
    peer = pair.other(pair.node(host))
    arguments = {Way.RELEASE: (pair.writing,), Way.OPEN: (peer.address,)}.get(way, ())
    before = ["node_alone || exit"] if alone else []
    await change(host, [*before, call(FUNCTIONS[way], *arguments)], patience=310)


async def confirm_cluster(tenant: Tenant, report: Report) -> None:
    """
    Look once more and conclude the run: roles, replication, lag, one holder for each address, and a client that writes.

    Raises CutoverError when nothing can be written.
    """
    found = await settled(tenant)
    await publish_cluster(found)
    if found.verdict.serves:
        await demand_writing(tenant, client_host(found).name)
    report.add(trouble_rows(found))
    if found.troubles:
        first, more = found.troubles[0], len(found.troubles) - 1
        also = f" (and {more} more)" if more else ""
        report.conclude("Degraded", f"{first.node}: {first.what}{also}", well=False)
    else:
        report.conclude("Completed" if report.changing else "Unchanged", summary(found))


def summary(found: Cluster) -> str:
    """Return in one line how the pair serves."""
    serves = found.pair.node(found.verdict.serves)
    return f"{serves.name} serves on timeline {serves.timeline}, {found.pair.other(serves).name} follows"
