"""What a database host does in every situation that was thought of; the rules are at the head of `decision.py`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.products.omnileads.cutover_pair.decision import (
    FENCE,
    ISOLATED,
    PRIMARY,
    REPLACED,
    SILENCE,
    STANDBY,
    STOPPED,
    Decision,
    Own,
    Peer,
    View,
    decide,
    may_be_promoted,
    settled,
)

SERVING = Own(PRIMARY, follower=False, timeline=3, writable=True, followed=True)
FOLLOWING = Own(STANDBY, follower=True, timeline=3, streams=True)
WAS_PRIMARY = Own(STOPPED, follower=False, timeline=3)
WAS_STANDBY = Own(STOPPED, follower=True, timeline=3)

FOLLOWER = Peer(STANDBY, timeline=3, reads=True)
LEADER = Peer(PRIMARY, timeline=3, writes=True)
GONE = Peer(writes=True, reads=True, silent=SILENCE + 1)
JUST_GONE = Peer(writes=True, reads=True, silent=SILENCE - 1)

LOG = 0x3000028
HANDED_OVER = Peer(ended=LOG, silent=0.1)
ALL_OF_IT = replace(FOLLOWING, replayed=LOG + 0x78)

A = View("sql_1", SERVING, FOLLOWER, unheard=0.3, owner="sql_1", settled=True)
"""sql_1 serves, sql_2 follows, all see each other."""
B = View("sql_2", FOLLOWING, LEADER, unheard=0.3, owner="sql_1", settled=True)
"""The same, seen from sql_2."""
BACK = replace(A, own=WAS_PRIMARY)
"""sql_1 comes back; all is as it was."""

WRITES = Decision(rw=True, claim=True)
BOTH = Decision(rw=True, ro=True, claim=True)

CASES: dict[str, tuple[View, Decision]] = {
    "a primary that a standby follows holds the address for writing": (A, WRITES),
    "a standby that follows holds the address for reading": (B, Decision(ro=True)),
    "w35: when the standby died the primary holds both": (
        replace(A, own=replace(SERVING, followed=False), peer=GONE),
        BOTH,
    ),
    "the address for reading is not taken while the standby may still have it": (
        replace(A, own=replace(SERVING, followed=False), peer=replace(JUST_GONE, writes=False)),
        WRITES,
    ),
    "w35: a primary that nobody hears gives up and stops": (
        replace(A, peer=Peer(), owner="", unheard=FENCE),
        Decision(fence=ISOLATED),
    ),
    "a primary that hears only the third vote goes on": (
        replace(A, own=replace(SERVING, followed=False), peer=replace(GONE, writes=False)),
        BOTH,
    ),
    "a primary that hears only its standby goes on": (replace(A, owner=""), WRITES),
    "a primary whose peer is one of a newer timeline stops": (
        replace(A, peer=Peer(PRIMARY, timeline=4, writes=True)),
        Decision(fence=REPLACED),
    ),
    "a primary that does not see its peer, to which the right to write went, stops": (
        replace(A, peer=Peer(silent=1.0), owner="sql_2"),
        Decision(fence=REPLACED),
    ),
    "a right to write that was given to a standby in vain is taken back": (
        replace(A, owner="sql_2"),
        replace(WRITES, own=True),
    ),
    "a new primary waits while the old one may still write": (
        replace(A, peer=JUST_GONE),
        Decision(claim=True, waits="the other host may still write"),
    ),
    "a new primary takes the address when the old one must have stopped": (
        replace(A, own=replace(SERVING, followed=False), peer=GONE),
        BOTH,
    ),
    "a primary that does not take writes yet holds nothing": (
        replace(A, own=replace(SERVING, writable=False)),
        Decision(claim=True),
    ),
    "a primary that is held gives up the address and is not stopped": (
        replace(A, held=True, unheard=99.0, owner="sql_2"),
        Decision(claim=True, waits="held"),
    ),
    "a standby without its primary holds nothing": (
        replace(B, own=replace(FOLLOWING, streams=False)),
        Decision(),
    ),
    "a standby that nobody hears holds nothing": (replace(B, unheard=FENCE), Decision()),
    "w43: a standby that stopped starts": (replace(B, own=WAS_STANDBY), Decision(start=True)),
    "a standby that was replaced does not start": (
        replace(B, own=replace(WAS_STANDBY, fenced=REPLACED)),
        Decision(waits="the other host has taken its place: recover it"),
    ),
    "w43: a former primary starts when its peer follows": (BACK, Decision(claim=True, start=True)),
    "a former primary claims first and looks before it starts": (
        replace(BACK, settled=False),
        Decision(claim=True),
    ),
    "a former primary that was cut off starts again when nobody took its place": (
        replace(BACK, own=replace(WAS_PRIMARY, fenced=ISOLATED)),
        Decision(claim=True, start=True),
    ),
    "w35: a former primary does not come back beside a new one": (
        replace(BACK, peer=Peer(PRIMARY, timeline=4, writes=True), owner="sql_2"),
        Decision(fence=REPLACED),
    ),
    "a former primary gives way to one that asks for promotion": (
        replace(BACK, peer=replace(FOLLOWER, asks=True)),
        Decision(waits="the other host is being promoted"),
    ),
    "a former primary whose peer is away starts when the third vote knows of no other": (
        replace(BACK, peer=Peer(silent=99.0)),
        Decision(claim=True, start=True),
    ),
    "a former primary whose peer is away does not start when that one may write": (
        replace(BACK, peer=Peer(silent=99.0), owner="sql_2"),
        Decision(waits="sql_2 may write and does not answer"),
    ),
    "a former primary that is alone does not start": (
        replace(BACK, peer=Peer(silent=99.0), owner="", unheard=99.0),
        Decision(waits="nobody can say whether the other host was promoted"),
    ),
    "nothing is started while the pair is held": (replace(BACK, held=True), Decision(waits="held")),
    "a primary that ended to hand over gives up its addresses and says where its log ends": (
        replace(BACK, held=True, own=replace(WAS_PRIMARY, ended=LOG)),
        Decision(ended=LOG, waits="held"),
    ),
    "a primary that was handed over in vain says that it writes before it starts": (
        replace(BACK, own=replace(WAS_PRIMARY, ended=LOG), settled=False),
        Decision(claim=True),
    ),
    "a primary that was handed over does not start while the other is being promoted": (
        replace(BACK, own=replace(WAS_PRIMARY, ended=LOG), peer=replace(FOLLOWER, asks=True)),
        Decision(waits="the other host is being promoted"),
    ),
    "a new primary takes the address from one that handed over, whatever its server had answered": (
        replace(A, peer=replace(HANDED_OVER, role=PRIMARY, timeline=2)),
        WRITES,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_database_host_decides(case: str) -> None:
    view, decision = CASES[case]
    assert decide(view) == decision


PROMOTIONS: dict[str, tuple[View, str]] = {
    "the primary is silent for long enough": (replace(B, peer=GONE), ""),
    "w35: the primary may still write": (replace(B, peer=JUST_GONE), "claimed to write"),
    "w36: the primary serves": (B, "is primary"),
    "the primary has stopped and says so": (replace(B, peer=Peer(silent=0.2)), ""),
    "the third vote is away": (replace(B, peer=GONE, owner=""), "third vote"),
    "the pair is held": (replace(B, peer=GONE, held=True), "held"),
    "this host is no standby": (A, "is primary"),
    "nobody knows yet that this host asks": (replace(B, peer=GONE, settled=False), "not known everywhere"),
}


@pytest.mark.parametrize("case", PROMOTIONS)
def test_a_standby_is_promoted_only_when_nobody_else_can_write(case: str) -> None:
    view, why = PROMOTIONS[case]
    refused = may_be_promoted(view)
    assert why in refused
    assert bool(why) == bool(refused)


@pytest.mark.parametrize(
    ("said", "serving", "known"),
    [
        ({"sql_1": True, "sql_2": True, "witness_1": True}, True, True),
        ({"sql_1": True, "sql_2": True, "witness_1": False}, True, False),
        ({"sql_1": True, "witness_1": True}, True, True),
        ({"witness_1": True}, True, False),
        ({"witness_1": True}, False, True),
        ({"sql_1": True}, True, False),
        ({}, False, False),
    ],
)
def test_a_claim_is_known_when_all_who_can_be_asked_have_heard_it_and_one_other_host_at_least(
    said: dict[str, bool], serving: bool, known: bool
) -> None:
    assert settled("sql_1", said, serving=serving, alone=False) is known


def test_a_host_that_is_alone_asks_nobody_but_its_own_server() -> None:
    assert settled("sql_1", {"sql_1": True}, serving=True, alone=True)
    assert not settled("sql_1", {}, serving=True, alone=True)


HANDINGS_OVER: dict[str, tuple[View, str]] = {
    "all of the log is here": (replace(B, own=ALL_OF_IT, peer=HANDED_OVER), ""),
    "its server had answered as a primary just before": (
        replace(B, own=ALL_OF_IT, peer=replace(HANDED_OVER, role=PRIMARY)),
        "",
    ),
    "the last record is missing": (
        replace(B, own=replace(FOLLOWING, replayed=LOG), peer=HANDED_OVER),
        "not all of its log",
    ),
    "the primary serves": (replace(B, own=ALL_OF_IT), "is primary"),
    "the primary did not end in good order": (
        replace(B, own=ALL_OF_IT, peer=Peer(silent=0.1)),
        "has not ended in good order",
    ),
    "the primary began to write again": (
        replace(B, own=ALL_OF_IT, peer=replace(HANDED_OVER, writes=True)),
        "claimed to write",
    ),
    "the third vote is away": (replace(B, own=ALL_OF_IT, peer=HANDED_OVER, owner=""), "third vote"),
    "nobody knows yet that this host asks": (
        replace(B, own=ALL_OF_IT, peer=HANDED_OVER, settled=False),
        "not known everywhere",
    ),
}


@pytest.mark.parametrize("case", HANDINGS_OVER)
def test_a_standby_takes_over_from_a_primary_only_with_all_that_it_wrote(case: str) -> None:
    view, why = HANDINGS_OVER[case]
    refused = may_be_promoted(view, handed_over=True)
    assert why in refused
    assert bool(why) == bool(refused)


@pytest.mark.parametrize("start", [BACK, replace(BACK, peer=Peer(silent=9.0))])
def test_of_a_former_primary_that_starts_and_a_standby_that_asks_only_one_goes_on(start: View) -> None:
    """Each has spoken before it looked, so each sees what the other said."""
    standby = replace(B, peer=Peer(writes=True, silent=0.1))
    assert may_be_promoted(standby)
    assert not decide(replace(start, peer=replace(start.peer, asks=True, silent=0.1))).start
