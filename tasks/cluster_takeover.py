"""
The main hosts of a cluster take their roles back: PostgreSQL by a switchover, Redis by its Sentinels.

Invariant: at no moment are there two primaries, and nothing that was acknowledged is lost. The primary ends in good
order, which sends its whole log to its standby; its guard lets go of the address and tells the other guard where that
log ends, which promotes the standby only when it shows the last record. Between the end of the one and the beginning of
the other nobody waits for the controller. Each step may be the last: until the promotion the old primary serves again,
by this run or, when it has died, by the guards as soon as the hold has run out; after it the new one serves, and
`recover` brings the other back.

A cluster of the old tool has no guards. There the controller takes the word from the one node to the other, repmgr
promotes, and what would promote by itself stands still meanwhile. A controller that dies leaves one primary, or none:
then `recover` starts it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal

from prefect.artifacts import acreate_markdown_artifact
from prefect.logging import get_run_logger
from pydantic import Field

from cutover.errors import CutoverError, Finding
from cutover.hosts import cluster as hosts_cluster
from cutover.hosts.inside import ask
from cutover.hosts.operation import current
from cutover.hosts.script import call
from cutover.plan.cluster import Step, Trouble, Way, objection
from cutover.plan.members import MASTER, REPLICA, takeover_of_redis
from tasks.artifacts import ResultRow, key, table
from tasks.cluster import Cluster, read_member
from tasks.cluster_recover import change, clear_earlier_work, follows, rejoined, under_lease
from tasks.every import every
from tasks.hosts import must_succeed
from tasks.report import Report
from tasks.step import step

Part = Literal["postgresql", "redis"]
Parts = Annotated[list[Part], Field(description="Only PostgreSQL or only Redis; without any, both")]

FAILOVER = 60.0
"""Seconds that the Sentinels have to make another Redis the master, and the former one its replica."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """What is going to take its role back; both False: all have their roles."""

    cluster: Cluster
    postgresql: bool
    redis: bool

    @property
    def empty(self) -> bool:
        """Is there nothing to do?"""
        return not (self.postgresql or self.redis)


def plan_takeover(found: Cluster, parts: Collection[Part]) -> Takeover:
    """
    Return what has to change for the main hosts to have their roles; all parts when none is named.

    Raises CutoverError (CUT-856) for what cannot be done now, each with the reason and the command that is right.
    """
    wanted = parts or ("postgresql", "redis")
    refused: list[Trouble] = []
    postgresql = "postgresql" in wanted and found.verdict.serves != found.pair.main.name
    if postgresql and (wrong := objection(found.pair, found.verdict)):
        refused.append(wrong)
    main = found.group.member(found.group.redis[0])
    redis = "redis" in wanted and found.group.masters != (main.name,) and any(m.redis for m in found.group.members)
    if redis and (wrong := takeover_of_redis(found.group)):
        refused.append(wrong)
    if refused:
        what = "it cannot take its role back now"
        raise CutoverError(Finding("CUT-856", what, each.node, each.what, each.todo) for each in refused)
    return Takeover(found, postgresql, redis)


async def publish_takeover(takeover: Takeover) -> None:
    """Show in the UI what is going to change."""
    found = takeover.cluster
    rows = []
    if takeover.postgresql:
        rows.append(("PostgreSQL", found.verdict.serves, found.pair.main.name, "a few seconds without writing"))
    if takeover.redis:
        rows.append(("Redis", ", ".join(found.group.masters), found.group.redis[0], "some seconds without Redis"))
    text = "\n".join([f"# Takeover of {found.tenant.name}", "", *table(("part", "from", "to", "costs"), rows)])
    await acreate_markdown_artifact(text, key=key("plan", found.tenant.name), description="back to the initial roles")


async def take_over(takeover: Takeover, report: Report) -> None:
    """Do it: PostgreSQL first, then Redis."""
    found = takeover.cluster
    if takeover.postgresql:
        old, new = found.verdict.serves, found.pair.main.name
        await every((old, new), clear_earlier_work)
        await every((old, new), write_to_disk)
        if found.pair.of_old_tool:
            await switch_over_by_repmgr(old, new, found.pair.writing)
        else:
            await switch_over(old, new)
        report.add([ResultRow(new, "postgresql", "take over", "ok", None, f"it is primary; {old} was")])
        back = Step(old, Way.FOLLOW, f"{new} has all that it has")
        if found.pair.of_old_tool or await follows(old, new):
            await rejoined(found.tenant, back, new, report, approved=False)
        else:
            report.add([ResultRow(old, "postgresql", str(back.way), "ok", None, back.reason)])
    if takeover.redis:
        sentinel = next(member.name for member in found.group.members if member.quorum)
        await fail_over_redis(*found.group.redis, sentinel)
        report.add([ResultRow(found.group.redis[0], "redis", "take over", "ok", None, "it is master")])


@step("write to disk on {host}", timeout=620)
async def write_to_disk(host: str) -> None:
    """Write a node's memory to disk: what is written then need not be while nobody serves."""
    await change(host, ["node_checkpoint"], patience=600)


@step("switch over from {old} to {new}", retries=0, timeout=180)
async def switch_over(old: str, new: str) -> None:
    """
    Let the primary end, its standby take its place, and the former primary follow that one.

    Whatever fails before the standby is promoted, the old primary serves again. Raises CutoverError (CUT-857).
    """
    tenant = current().tenant
    feed = (tenant.host(new).lan, hosts_cluster.slot(tenant, old), old)
    lines = {
        old: call("node_hand_over", hosts_cluster.HOLD, *feed),
        new: "node_take_over",
    }

    async def act(host: str) -> None:
        try:
            await _ordered(host, lines[host], 120)
        except BaseException:
            await asyncio.shield(_give_back(old, new))
            raise

    await every(lines, act)


async def _ordered(host: str, line: str, patience: float) -> str:
    """Have a host do its part, and return what it printed; raises CutoverError (CUT-857)."""
    output = await under_lease(host, [line], patience=patience)
    must_succeed(host, output, "CUT-857", "the switchover failed")
    return output.stdout.strip()


async def _give_back(old: str, new: str) -> None:
    """Let the old primary go on; its guard starts it only when the other was not promoted after all."""
    get_run_logger().warning("%s did not take over: %s goes on", new, old)
    with contextlib.suppress(CutoverError):
        await change(old, ["node_go_on"], patience=60)


@step("switch over from {old} to {new}", retries=0, timeout=900)
async def switch_over_by_repmgr(old: str, new: str, writing: str) -> None:
    """
    Let the primary of a cluster without guards end, and its standby take its place; the former primary stays stopped.

    Whatever fails before the standby is promoted, the old primary serves again, unless it cannot be learnt whether it
    was. Raises CutoverError (CUT-857).
    """
    try:
        await every((old, new), lambda host: _ordered(host, "node_hold", 60))
        end = await _ordered(old, call("node_end", writing), 120)
        await _ordered(new, call("node_succeed", end), 150)
    except BaseException:
        await asyncio.shield(_call_off(old, new))
        raise


async def _call_off(old: str, new: str) -> None:
    """Let the old primary go on, once the standby has said that it was not promoted and will not be."""
    log = get_run_logger()
    try:
        role = await change(new, ["node_call_off"], patience=170)
        if role.strip() != "standby":
            log.warning("%s is primary; %s stays stopped until it is recovered", new, old)
            return
        log.warning("%s did not take over: %s goes on", new, old)
        await change(old, [call("node_open", current().tenant.host(new).lan)], patience=90)
        await change(new, ["node_watch"], patience=150)
    except CutoverError as error:
        log.warning("%s: look at both nodes and run `cutover recover`", error)


@step("make {host} the Redis master", retries=0, timeout=150)
async def fail_over_redis(host: str, former: str, sentinel: str) -> None:
    """
    Have the Sentinels make a replica the master, and wait until it is and the former one follows it.

    For some seconds after a failover both are masters. Raises CutoverError (CUT-858).
    """
    this = current()
    words = ("redis-cli", "-h", this.tenant.host(sentinel).lan, "-p", "26379", "sentinel", "failover", "master")
    output = await this.run(sentinel, ask("oml-sentinel-server", words))
    clock = asyncio.get_running_loop().time
    until = clock() + FAILOVER
    while not await _leads(host, former):
        if clock() > until or "OK" not in output.stdout:
            why = output.stdout.strip() or f"{former} does not follow it after {FAILOVER:.0f} s"
            todo = f"see `journalctl -u sentinel` on {sentinel}, then: cutover status {this.tenant.name}"
            raise CutoverError(Finding("CUT-858", "Redis did not change its master", host, why, todo))
        await asyncio.sleep(0.5)


async def _leads(host: str, former: str) -> bool:
    """Return whether a Redis is master, and the other its replica that hears it."""
    one, two = await asyncio.gather(read_member(host), read_member(former))
    return one.redis == MASTER and two.redis == REPLICA and two.linked
