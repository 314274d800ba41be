"""
A pair of database nodes as it was found: who serves, what is wrong, and which way leads back. Pure; no I/O.

Invariant: no step is meant for the node that serves, and no step makes a second primary.

The rule that follows: a node serves when it is the only primary; of two, the one of the newer timeline, provided that
it also holds the address for writing or nobody does. Where that does not tell, nothing is done until the operator names
the node that is to be brought back. Without a primary the node with the newest data becomes one. A node that does not
answer may be a primary still: then a third host has to say that it is not, or the operator.

A way back is the cheapest one that can work: start, follow, rewind, and clone only when rewinding cannot work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from cutover.amounts import bytes_in_words

FAR_BEHIND = 16 << 20
"""Bytes of the log that a standby may lack for a takeover: one segment, received in a moment."""

LONG_AGO = 30.0
"""Seconds that what a standby shows may be old, while its primary is written."""


DISCARDED = "its database is discarded"
UNSENT = "what it had not sent before that is discarded"


class Found(StrEnum):
    """How a node was found."""

    PRIMARY = "primary"
    STANDBY = "standby"
    STOPPED = "stopped"
    EMPTY = "without a database"
    GONE = "no answer"


class Way(StrEnum):
    """What is done to a node on the way back."""

    RELEASE = "give up an address"
    STOP = "stop"
    PROMOTE = "promote"
    OPEN = "start as primary"
    START = "start"
    FOLLOW = "follow"
    REWIND = "rewind"
    CLONE = "clone"
    WATCH = "start what watches"


@dataclass(frozen=True, slots=True)
class Node:
    """
    One node. `initial` is its role in the inventory, `address` where its peer reaches it, `login` where the controller
    does. `old_tool` says that its PostgreSQL is the old tool's, without a guard; a standby of that follows either
    address.

    `position` is where its log ends, in bytes, as far as is known: of a node that died it is a lower bound, which
    `clean` tells. `replayed` is what a standby shows of it. `history` are the timelines it descends from, each with
    the position where the next one began. `standby_before` says that it would start as a standby, `rewindable` that its
    blocks can be compared, `half` that a rewinding has begun and not ended. `behind` (bytes) and `old` (seconds) are
    what it lacks of its primary. `idle` are the units that should run and do not. `writer` is the node that may write
    by the word of the third vote, as its guard heard. `free` are the bytes left on the disk of its database.
    """

    name: str
    initial: Found
    found: Found
    address: str = ""
    login: str = ""
    old_tool: bool = False
    why: str = ""
    system: str = ""
    timeline: int = 0
    position: int = 0
    replayed: int = 0
    clean: bool = False
    history: Mapping[int, int] = field(default_factory=dict)
    standby_before: bool = False
    rewindable: bool = True
    half: bool = False
    fenced: str = ""
    follows: str = ""
    streaming: bool = False
    behind: int | None = None
    old: float | None = None
    synchronous: bool = False
    holds: frozenset[str] = frozenset()
    idle: tuple[str, ...] = ()
    writer: str = ""
    free: int = 0

    @property
    def answers(self) -> bool:
        """Could it be looked at?"""
        return self.found is not Found.GONE


@dataclass(frozen=True, slots=True)
class Pair:
    """Both nodes of a tenant. `writing` and `reading` are its two virtual IPs."""

    tenant: str
    nodes: tuple[Node, Node]
    writing: str
    reading: str

    def node(self, name: str) -> Node:
        """Return the node of that name; raises KeyError."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)

    def other(self, node: Node) -> Node:
        """Return the peer of a node."""
        return self.nodes[1] if node.name == self.nodes[0].name else self.nodes[0]

    @property
    def main(self) -> Node:
        """The node that is primary in the normal state."""
        return next(node for node in self.nodes if node.initial is Found.PRIMARY)

    @property
    def of_old_tool(self) -> tuple[str, ...]:
        """The nodes whose PostgreSQL is the old tool's."""
        return tuple(node.name for node in self.nodes if node.old_tool)


@dataclass(frozen=True, slots=True)
class Step:
    """One step back. `costs` says in words what is lost by it or what it takes for granted; empty: nothing."""

    node: str
    way: Way
    reason: str
    costs: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong with a node, and the command that mends it."""

    node: str
    what: str
    todo: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What is to be said of a pair. `serves` is the node that serves, empty when none does or it cannot be told.

    `blocked` says why there is no way back by itself, and what is to be done first.
    """

    serves: str
    steps: tuple[Step, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    blocked: Trouble | None = None

    @property
    def sound(self) -> bool:
        """Is nothing wrong?"""
        return not self.troubles and self.blocked is None

    @property
    def costs(self) -> tuple[Step, ...]:
        """The steps that need somebody's yes."""
        return tuple(step for step in self.steps if step.costs)


def related(nodes: tuple[Node, Node]) -> tuple[Node, Node]:
    """Return two nodes with what only both together tell: whether one streams from the other, and what it lacks."""
    one, two = nodes
    return _related(one, two), _related(two, one)


def _related(node: Node, peer: Node) -> Node:
    if node.found is not Found.STANDBY or peer.found is not Found.PRIMARY:
        return replace(node, streaming=False, behind=None)
    streaming = bool(node.follows) and node.follows in (peer.address, peer.login)
    return replace(node, streaming=streaming, behind=max(0, peer.position - node.replayed))


def judge(pair: Pair, wrong: str = "") -> Verdict:
    """
    Given a pair as found, return who serves, what is wrong and the way back.

    `wrong` is the node that the operator wants to be brought back; it decides between two primaries.
    """
    if not any(node.answers for node in pair.nodes):
        first = pair.main
        return Verdict("", (), (), Trouble(first.name, "no node answers", "switch the hosts on, then run it again"))
    primaries = [node for node in pair.nodes if node.found is Found.PRIMARY]
    if len(primaries) == 2:
        return _of_two(pair, wrong)
    return _beside(pair, primaries[0], wrong) if primaries else _without(pair)


def _of_two(pair: Pair, wrong: str) -> Verdict:
    """Judge two primaries: one of them is stopped and becomes the other's standby."""
    first, second = sorted(pair.nodes, key=lambda node: node.timeline, reverse=True)
    holders = [node.name for node in pair.nodes if pair.writing in node.holds]
    if wrong:
        serves = pair.other(pair.node(wrong))
    elif first.timeline != second.timeline and holders in ([], [first.name]):
        serves = first
    elif first.timeline == second.timeline and len(holders) == 1:
        serves = pair.node(holders[0])
    else:
        what = "both nodes are primary, and it cannot be told which one serves"
        todo = f"look at the data of both, then name the node to be discarded: cutover recover {pair.tenant} --node …"
        return Verdict("", (), (Trouble(first.name, what, todo),), Trouble(first.name, what, todo))
    stale = pair.other(serves)
    reason = f"{serves.name} serves, on timeline {serves.timeline}; this one is a second primary"
    steps = [Step(stale.name, Way.STOP, reason, "clients that still write there are cut off")]
    if stale.old_tool and pair.writing in stale.holds:
        steps.append(_giving_up(pair, stale, serves))
    steps.append(_back(stale, serves, after_stop=True))
    return Verdict(serves.name, tuple(steps), (_trouble(pair, stale, "is a second primary"),))


def _beside(pair: Pair, serves: Node, wrong: str) -> Verdict:
    """Judge a pair with one primary."""
    other = pair.other(serves)
    blocked = None
    if wrong == serves.name:
        todo = f"if {other.name} is what is wrong: cutover recover {pair.tenant} --node {other.name}"
        blocked = Trouble(serves.name, "is the primary that serves", todo)
    steps = [*_release(pair, serves), *_watching(serves)]
    troubles = [*_addresses(pair, serves), *_idle(pair)]
    if other.found is Found.GONE:
        todo = "switch it on or mend its network; it then comes back by itself, or by `cutover recover`"
        troubles.append(Trouble(other.name, f"does not answer: {other.why}", todo))
    elif apart := _apart(other, serves):
        troubles.append(_trouble(pair, other, apart))
        steps.append(_back(other, serves))
    else:
        steps += _watching(other)
        if late := lag(other):
            todo = f"wait until it has caught up: cutover status {pair.tenant}"
            troubles.append(Trouble(other.name, f"is far behind its primary: {late}", todo))
    return Verdict(serves.name, () if blocked else tuple(steps), tuple(troubles), blocked)


def _apart(other: Node, serves: Node) -> str:
    """Return why a node is no standby of the one that serves; empty when it is."""
    if other.found is Found.EMPTY:
        return "has no database"
    if other.system != serves.system:
        return "holds another cluster's database"
    if other.found is Found.STOPPED:
        return f"is fenced: {other.fenced}" if other.fenced else "is stopped"
    return "" if other.streaming else f"does not follow {serves.name}"


def _back(other: Node, serves: Node, *, after_stop: bool = False) -> Step:
    """Return the cheapest step that can make a node a standby of the one that serves."""
    if other.found is Found.EMPTY:
        return Step(other.name, Way.CLONE, f"it has no database; {serves.name} serves")
    if other.system != serves.system:
        return Step(other.name, Way.CLONE, "it holds another cluster's database", DISCARDED)
    if _all_there(other, serves) and not after_stop:
        way = Way.START if other.found is Found.STOPPED and other.standby_before else Way.FOLLOW
        return Step(other.name, way, f"{serves.name} has all that it has")
    if other.timeline >= serves.timeline:
        reason = f"its timeline {other.timeline} is not one that {serves.name}, on {serves.timeline}, descends from"
        return Step(other.name, Way.CLONE, reason, DISCARDED)
    if not other.rewindable:
        reason = "its blocks cannot be compared: neither checksums nor wal_log_hints"
        return Step(other.name, Way.CLONE, reason, DISCARDED)
    reason = f"{serves.name} was promoted: it serves on timeline {serves.timeline}, this one was on {other.timeline}"
    return Step(other.name, Way.REWIND, reason, UNSENT)


def _all_there(other: Node, serves: Node) -> bool:
    """Is all that a node has part of what the one that serves has? Of one that died as a primary it is not known."""
    if other.half:
        return False
    if other.timeline == serves.timeline:
        return other.standby_before
    fork = serves.history.get(other.timeline)
    return fork is not None and other.position <= fork and (other.clean or other.standby_before)


def _without(pair: Pair) -> Verdict:
    """Judge a pair without a primary: the node with the newest data becomes one, the other follows it."""
    alive = [node for node in pair.nodes if node.found in (Found.STANDBY, Found.STOPPED) and not node.half]
    if not alive:
        there = next(node for node in pair.nodes if node.answers)
        todo = f"switch {pair.other(there).name} on, or restore a backup: cutover restore {pair.tenant}"
        return Verdict("", (), (), Trouble(there.name, "no node that answers has a database", todo))
    chosen = max(alive, key=_newest)
    other = pair.other(chosen)
    todo = f"cutover recover {pair.tenant}"
    troubles: tuple[Trouble, ...] = (Trouble(chosen.name, f"nobody serves; {chosen.name} is {_how(chosen)}", todo),)
    if other.found is Found.STOPPED and chosen.found is Found.STOPPED and _rivals(chosen, other):
        what = "both nodes were primary on the same timeline, and it cannot be told which one served last"
        todo = f"look at the data of both, then name the node to be discarded: cutover recover {pair.tenant} --node …"
        return Verdict("", (), troubles, Trouble(chosen.name, what, todo))
    steps = [_opening(pair, chosen, other)]
    if other.answers:
        steps.append(_following(other, chosen))
    else:
        todo = "switch it on or mend its network, then run it again"
        troubles += (Trouble(other.name, f"does not answer: {other.why}", todo),)
    return Verdict("", tuple(steps), troubles)


def _newest(node: Node) -> tuple[int, bool, int, bool]:
    """Order nodes by what they have: one that died as a primary has more than is known of it."""
    died = not node.standby_before and not node.clean and node.found is Found.STOPPED
    return node.timeline, died, node.position, node.initial is Found.PRIMARY


def _rivals(one: Node, two: Node) -> bool:
    return one.timeline == two.timeline and not one.standby_before and not two.standby_before


def _opening(pair: Pair, chosen: Node, other: Node) -> Step:
    """Return the step that makes a node the primary, and what it takes for granted."""
    way = Way.OPEN if chosen.found is Found.STOPPED and not chosen.standby_before else Way.PROMOTE
    reason = f"nobody serves, and it has the newest data (timeline {chosen.timeline})"
    if other.answers or chosen.writer == chosen.name:
        return Step(chosen.name, way, reason)
    granted = f"{other.name} does not answer ({other.why}): it has to be off, or two nodes will be primary"
    if way is Way.PROMOTE:
        granted += "; what it had not sent before is missing"
    return Step(chosen.name, way, reason, granted)


def _following(other: Node, chosen: Node) -> Step:
    if other.found is Found.EMPTY or other.system != chosen.system or other.half:
        return _back(other, chosen)
    way = Way.START if other.found is Found.STOPPED and other.standby_before else Way.FOLLOW
    return Step(other.name, way, f"{chosen.name} is to serve, and has all that it has")


def _how(node: Node) -> str:
    return f"fenced: {node.fenced}" if node.fenced else f"found as {node.found}"


def _trouble(pair: Pair, node: Node, what: str) -> Trouble:
    return Trouble(node.name, what, f"cutover recover {pair.tenant}")


def _release(pair: Pair, serves: Node) -> Iterator[Step]:
    """Yield the step that takes the address for writing from a node that does not serve."""
    other = pair.other(serves)
    if pair.writing in other.holds:
        yield _giving_up(pair, other, serves)
    elif pair.reading in other.holds and pair.reading in serves.holds:
        yield Step(serves.name, Way.WATCH, f"it holds {pair.reading}, as {other.name} does")


def _giving_up(pair: Pair, holder: Node, serves: Node) -> Step:
    return Step(holder.name, Way.RELEASE, f"it holds {pair.writing}, and {serves.name} serves")


def _addresses(pair: Pair, serves: Node) -> Iterator[Trouble]:
    """Yield what is wrong with the virtual IPs: held twice, by nobody, or by the wrong node."""
    todo = f"cutover recover {pair.tenant}"
    for address in (pair.writing, pair.reading):
        holders = [node.name for node in pair.nodes if address in node.holds]
        if len(holders) == 2:
            yield Trouble(pair.other(serves).name, f"{address} is held by both {' and '.join(holders)}", todo)
        elif not holders:
            yield Trouble(serves.name, f"nobody holds {address}", todo)
        elif address == pair.writing and holders != [serves.name]:
            yield Trouble(holders[0], f"it holds {address}, and {serves.name} serves", todo)


def _idle(pair: Pair) -> Iterator[Trouble]:
    for node in pair.nodes:
        if node.idle:
            yield _trouble(pair, node, f"{' and '.join(node.idle)} do not run")


def _watching(node: Node) -> Iterator[Step]:
    if node.idle:
        yield Step(node.name, Way.WATCH, f"{' and '.join(node.idle)} do not run")


def lag(node: Node) -> str:
    """Return how far a standby is behind in words, empty when it is near enough to take over."""
    if node.behind is not None and node.behind > FAR_BEHIND:
        return f"it lacks {bytes_in_words(node.behind)} of the log"
    if node.behind and node.old is not None and node.old > LONG_AGO:
        return f"what it shows is {node.old:.0f} s old"
    return ""


def objection(pair: Pair, verdict: Verdict) -> Trouble | None:
    """
    Return why the main node cannot take its role back now, and which command would be right; None when it can.

    A pair in which it has that role already is not asked about.
    """
    main, tenant = pair.main, pair.tenant
    recover = f"cutover recover {tenant}"
    if not verdict.serves:
        return Trouble(main.name, "it cannot be told who serves", recover)
    if main.found is Found.GONE:
        return Trouble(main.name, f"it does not answer: {main.why}", f"switch it on, then: {recover}")
    if main.found is not Found.STANDBY or not main.streaming:
        how = f"it is {main.found}" if main.found is not Found.STANDBY else f"it does not follow {verdict.serves}"
        return Trouble(main.name, f"it was not recovered: {how}", f"{recover}, then: cutover takeover {tenant}")
    if late := lag(main):
        return Trouble(main.name, late, f"wait until it has caught up, see: cutover status {tenant}")
    if wrong := [*_idle(pair), *_addresses(pair, pair.node(verdict.serves))]:
        return Trouble(wrong[0].node, wrong[0].what, recover)
    return None
