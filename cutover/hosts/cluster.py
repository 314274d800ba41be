"""The hosts of an HA tenant, looked at: what a database node is, and what the others hold."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from cutover.hosts.job import Job
from cutover.hosts.script import call
from cutover.inventory import Host, Role, Tenant
from cutover.plan.cluster import Found, Node, Way
from cutover.plan.members import Member

LIBRARY = "cluster"

HOLD = 90
"""Seconds that the guard of a primary keeps still in a switchover; a controller that dies leaves it held no longer."""

SILENT = "PostgreSQL runs there and does not answer"

CLEAN = ("shut down", "shut down in recovery")
"""What the control file says of a server that was stopped in good order."""


def look_lines(addresses: Iterable[str]) -> list[str]:
    """Return the lines (library `cluster`) that print what a database node is, and which of some addresses it holds."""
    return [call("node_look", *addresses)]


def member_lines(host: Host, addresses: Iterable[str]) -> list[str]:
    """Return the lines that print what another host of the tenant holds and what its Redis and its Sentinel say."""
    return [call("member_look", host.lan, *addresses)]


def initial(host: Host) -> Found:
    """Return the role that a database node has in the normal state."""
    return Found.PRIMARY if host.ha_role == "main" else Found.STANDBY


def gone(host: Host, why: str) -> Node:
    """Return a database node that could not be looked at."""
    return Node(host.name, initial(host), Found.GONE, host.lan, host.address, why=why)


def node(host: Host, stdout: str) -> Node:
    """Given what `look_lines` printed, return the node."""
    facts: dict[str, list[str]] = {}
    holds, idle, history = [], [], {}
    for line in stdout.splitlines():
        match line.split("\t"):
            case ["holds", address]:
                holds.append(address)
            case ["idle", unit]:
                idle.append(unit)
            case ["fork", timeline, position]:
                history[int(timeline)] = lsn(position)
            case [name, *rest]:
                facts[name] = rest
    guard = _guard(facts.get("guard"))
    found = Node(
        host.name,
        initial(host),
        Found.EMPTY if "empty" in facts else Found.STOPPED,
        host.lan,
        host.address,
        old_tool="old_tool" in facts,
        system="".join(facts.get("system", ())),
        timeline=max(int(each) for name in TIMELINES for each in facts.get(name, ("0",))),
        position=max(lsn(each) for name in POSITIONS for each in facts.get(name, ("0/0",))),
        clean=facts.get("state", [""])[0] in CLEAN,
        history=history,
        standby_before="before" in facts,
        half="half" in facts,
        rewindable="rewindable" in facts,
        fenced=guard.get("fenced") or "",
        writer=guard.get("writer") or "",
        holds=frozenset(holds),
        idle=tuple(idle),
        free=int("".join(facts.get("free", ())) or 0),
    )
    if "silent" in facts:
        return replace(found, found=Found.GONE, why=SILENT)
    return _running(found, facts["server"]) if "server" in facts else found


TIMELINES = ("timeline", "recovered_timeline")
POSITIONS = ("checkpoint", "recovered")


def _running(found: Node, said: list[str]) -> Node:
    """Return a node whose server answered: role, timeline, position, whom it follows, age, synchronous, replayed."""
    role, timeline, position, follows, old, synchronous, replayed = said
    standby = role == "standby"
    return replace(
        found,
        found=Found.STANDBY if standby else Found.PRIMARY,
        timeline=max(int(timeline), found.timeline) if standby else int(timeline),
        position=lsn(position),
        replayed=lsn(replayed),
        follows=follows,
        old=float(old) if old else None,
        synchronous=synchronous == "t",
        clean=False,
    )


def _guard(packed: list[str] | None) -> dict[str, Any]:
    """Return what the guard of a node says; nothing when there is none, or it does not run."""
    try:
        said: dict[str, Any] = json.loads(b64decode(packed[0])) if packed else {}
    except ValueError:
        return {}
    return said


def lsn(text: str) -> int:
    """Return a position in the log as a number of bytes."""
    high, _, low = (text or "0/0").partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def member(host: Host, stdout: str) -> Member:
    """Given what `member_lines` printed, return the host."""
    found = Member(host.name, host.lan)
    for line in stdout.splitlines():
        match line.split("\t"):
            case ["holds", address]:
                found = replace(found, holds=found.holds | {address})
            case ["idle", unit]:
                found = replace(found, idle=(*found.idle, unit))
            case ["redis", "role", role]:
                found = replace(found, redis=role)
            case ["redis", "master_link_status", status]:
                found = replace(found, linked=status == "up")
            case ["sentinel", "master", address]:
                found = replace(found, sentinel=True, master=address)
            case ["sentinel", "quorum", answer]:
                found = replace(found, sentinel=True, quorum=answer.startswith("OK"))
            case ["cron", "active"]:
                found = replace(found, cron=True)
    return found


@dataclass(frozen=True, slots=True)
class Feed:
    """Where a node gets its data from: the peer's address, the place that is kept for it there, its own name."""

    address: str
    slot: str
    name: str


def slot(tenant: Tenant, name: str) -> str:
    """Return the place that repmgr has a peer keep for a node, by the node's number."""
    return f"repmgr_slot_{[host.name for host in tenant.hosts_of(Role.SQL)].index(name) + 1}"


def rejoin(way: Way, feed: Feed, size: int) -> Job:
    """Return the job that makes a node a standby by a way; `size` are the bytes that a copy of its peer takes."""
    words = {Way.FOLLOW: "node_follow", Way.REWIND: "node_rewind", Way.CLONE: "node_clone"}
    more = (size,) if way is Way.CLONE else ()
    line = call(words[way], feed.address, feed.slot, feed.name, *more)
    return Job("rejoin", (line,), libraries=(LIBRARY,))
