"""
What a database host does, given what it sees.

The invariant: at no time do two hosts let clients write. A host lets them when it holds the virtual IP for writing
while its PostgreSQL is a primary.

Three hosts vote: both of the pair and a third. Each guard says at every voter, in the name of its session there, what
it claims: to write, to ask for promotion, to serve readers. So whoever asks a voter learns what the others claimed
there and how long ago, all by that voter's clock. The voter's answer is the vote.

From the invariant follows:
- A primary writes only while its last question that got an answer was sent less than FENCE seconds ago. After that it
  gives up its addresses, then stops PostgreSQL.
- Another host takes over only when it sees the third voter, and every claim to write is older than SILENCE = FENCE and
  what it takes to stop, or was withdrawn. The claim it looks for was recorded at the voter after the question was sent,
  so it can only look younger than the owner believes it to be, never older.
- A primary that was stopped claims to write before it starts, then looks; who wants promotion asks for it, then looks.
  Each goes on only when answers newer than its own word show that the other did not speak. So of two that speak at the
  same time at least one sees the other, and the one that is to start gives way.
- A primary that hands its role over goes on as one until its PostgreSQL has ended in good order. Then it gives up its
  addresses, withdraws its claim and says where its log ended, in one word at the voters. Its successor need not wait
  for its silence after that word, which is newer than all that its PostgreSQL had answered, and is promoted only with
  the whole of that log. The word holds until the one who spoke it speaks again, and it does before it starts.
- The third voter keeps the name of the host that may write. It is changed before a promotion, so a host that comes back
  while its peer is away knows whether it was replaced.
- An operator who knows that both other voters are off may say so: then the host decides as if the third voter had named
  it, until one of them is heard again.

How often anybody looks or asks is no part of this: it only makes a change of roles slower or faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FENCE = 4.0
"""Seconds without an answer after which a primary gives up."""

SILENCE = 6.0
"""Seconds after which a claim to write is void: its owner has given up its addresses and stopped."""

FRESH = 2.0
"""Seconds for which an answer says how things are."""

PRIMARY = "primary"
STANDBY = "standby"
STOPPED = "stopped"

ISOLATED = "isolated"
REPLACED = "replaced"


@dataclass(frozen=True)
class Own:
    """
    The PostgreSQL of this host.

    `role` is that of its data directory while the server runs, else STOPPED; `follower` says that its data are a
    standby's. `writable` says that it was seen to take writes just now. `streams` says that it receives from a
    primary, `followed` that a standby receives from it. `fenced` is ISOLATED, REPLACED or empty. `replayed` is how far
    a standby shows its primary's log, `ended` where the log of a stopped primary ended in good order, else 0 (bytes).
    """

    role: str
    follower: bool
    timeline: int = 0
    writable: bool = False
    streams: bool = False
    followed: bool = False
    fenced: str = ""
    replayed: int = 0
    ended: int = 0


@dataclass(frozen=True)
class Peer:
    """
    The other database host.

    `role` and `timeline` are what its PostgreSQL answers, empty and 0 when it does not. `writes`, `asks` and `reads`
    are its newest claims at any voter, and `silent` their age in seconds; `ended` is where its log ended when it
    handed over, else 0.
    """

    role: str = ""
    timeline: int = 0
    writes: bool = False
    asks: bool = False
    reads: bool = False
    ended: int = 0
    silent: float = 0.0

    @property
    def may_write(self) -> bool:
        """Return whether it may still let clients write."""
        return self.writes and self.silent <= SILENCE

    @property
    def may_read(self) -> bool:
        """Return whether it may still hold the address for reading."""
        return self.reads and self.silent <= SILENCE

    @property
    def follows(self) -> bool:
        """Return whether it is seen as a standby that does not want to become more."""
        return self.role == STANDBY and not self.asks and not self.may_write


@dataclass(frozen=True)
class View:
    """
    All that a decision is made from.

    `unheard` are the seconds since the last question was sent that another voter answered. `owner` is the host that
    may write by the third voter's word, empty when that does not answer. `settled` says that all voters that can be
    asked have answered since this host's present claim was made. `held` says that an operator or a switchover has the
    pair in hand.
    """

    node: str
    own: Own
    peer: Peer
    unheard: float
    owner: str = ""
    settled: bool = False
    held: bool = False


@dataclass(frozen=True)
class Decision:
    """
    What is to be done: the addresses to hold, `fence` (ISOLATED, REPLACED or empty) to stop PostgreSQL for, `claim`
    to write, `start` PostgreSQL, `own` the right to write at the third voter, `ended` to say as the end of the log.
    `waits` says why nothing is done.
    """

    rw: bool = False
    ro: bool = False
    fence: str = ""
    claim: bool = False
    start: bool = False
    own: bool = False
    ended: int = 0
    waits: str = ""


def decide(view: View) -> Decision:
    """Return what a host is to do now."""
    if view.own.role == STOPPED:
        return _stopped(view)
    if view.own.role == STANDBY:
        return Decision(ro=view.own.streams and _heard(view) and not view.peer.may_read)
    return _primary(view)


def _heard(view: View) -> bool:
    return view.unheard < FENCE


def _primary(view: View) -> Decision:
    if view.held:
        return Decision(claim=True, waits="held")
    if _replaced(view):
        return Decision(fence=REPLACED)
    if not _heard(view):
        return Decision(fence=ISOLATED)
    if view.peer.may_write:
        return Decision(claim=True, waits="the other host may still write")
    rw = view.own.writable
    ro = rw and not view.own.followed and not view.peer.may_read
    own = bool(view.owner) and view.owner != view.node and view.peer.follows
    return Decision(rw=rw, ro=ro, claim=True, own=own)


def _replaced(view: View) -> bool:
    """Return whether the other host was made primary: it is one of a newer timeline, or the right to write is its."""
    peer = view.peer
    if peer.role == PRIMARY:
        return peer.timeline > view.own.timeline or view.owner not in ("", view.node)
    return peer.role == "" and view.owner not in ("", view.node)


def _stopped(view: View) -> Decision:
    if view.held or view.own.fenced == REPLACED:
        why = "held" if view.held else "the other host has taken its place: recover it"
        return Decision(ended=view.own.ended if view.held else 0, waits=why)
    if view.own.follower:
        return Decision(start=True)
    if view.peer.role == PRIMARY:
        return Decision(fence=REPLACED)
    if view.peer.asks or view.peer.may_write:
        return Decision(waits="the other host is being promoted")
    if not (view.peer.follows or (view.peer.role == "" and view.owner == view.node)):
        return Decision(waits=_unknown(view))
    return Decision(claim=True, own=view.owner not in ("", view.node), start=view.settled)


def _unknown(view: View) -> str:
    if view.owner:
        return f"{view.owner} may write and does not answer"
    return "nobody can say whether the other host was promoted"


def settled(node: str, said: Mapping[str, bool], *, serving: bool, alone: bool) -> bool:
    """
    Return whether a claim of this host is known: all voters have answered since it was made, one other at least.

    `said` tells that of each voter that can be asked; a server that ended the session cannot. While this host is
    `serving`, its own server is one of them. A host that is `alone` has nobody to ask.
    """
    heard = alone or bool(said.keys() - {node})
    return heard and all(said.values()) and (node in said or not serving)


def _missing(view: View) -> str:
    if not view.peer.ended:
        return "the other host has not ended in good order"
    return "" if view.own.replayed > view.peer.ended else "not all of its log is here"


def may_be_promoted(view: View, *, handed_over: bool = False) -> str:
    """
    Return why this host must not become primary now, in words; empty when it may. The third voter must answer.

    With `handed_over` it may only with all that a primary that ended in good order has written.
    """
    if view.own.role != STANDBY:
        return f"PostgreSQL here is {view.own.role}"
    if view.held:
        return "the pair is held"
    if not view.owner:
        return "the third vote does not answer"
    if view.peer.role == PRIMARY and not view.peer.ended:
        return "the other host is primary"
    if view.peer.may_write:
        return f"the other host claimed to write {view.peer.silent:.1f} s ago"
    missing = _missing(view) if handed_over else ""
    return missing or ("" if view.settled else "this host's own claim is not known everywhere yet")
