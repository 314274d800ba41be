from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from cutover.plan.cluster import FAR_BEHIND, Found, Node, Pair, Verdict, Way, judge, lag, objection, related

RW, RO = "10.99.0.201", "10.99.0.202"
MAIN = Node(
    "sql_1", Found.PRIMARY, Found.PRIMARY, "10.99.0.101", system="7", timeline=1, position=900, holds=frozenset({RW})
)
BACKUP = Node(
    "sql_2",
    Found.STANDBY,
    Found.STANDBY,
    "10.99.0.102",
    system="7",
    timeline=1,
    position=900,
    standby_before=True,
    follows="10.99.0.101",
    streaming=True,
    behind=0,
    holds=frozenset({RO}),
)
PROMOTED = replace(
    BACKUP,
    found=Found.PRIMARY,
    timeline=2,
    history={1: 800},
    standby_before=False,
    streaming=False,
    follows="",
    behind=None,
    holds=frozenset({RW, RO}),
)
DEAD = replace(MAIN, found=Found.GONE, why="no connection", timeline=0, position=0, system="", holds=frozenset())
CRASHED = replace(MAIN, found=Found.STOPPED, clean=False, position=700, holds=frozenset())
STOPPED = replace(BACKUP, found=Found.STOPPED, streaming=False, holds=frozenset(), clean=True)
REJOINED = replace(
    MAIN,
    found=Found.STANDBY,
    timeline=2,
    position=900,
    standby_before=True,
    streaming=True,
    follows="10.99.0.102",
    behind=0,
    holds=frozenset({RO}),
)
FENCED = replace(CRASHED, fenced="no majority for 4 s")


def pair(one: Node, two: Node) -> Pair:
    return Pair("acme", (one, two), RW, RO)


def ways(verdict: Verdict) -> list[tuple[str, Way]]:
    return [(step.node, step.way) for step in verdict.steps]


@pytest.mark.parametrize(
    ("one", "two", "serves", "expected"),
    [
        pytest.param(MAIN, BACKUP, "sql_1", [], id="all is well"),
        pytest.param(REJOINED, replace(PROMOTED, holds=frozenset({RW})), "sql_2", [], id="all is well, inverted"),
        pytest.param(MAIN, STOPPED, "sql_1", [("sql_2", Way.START)], id="a standby is stopped"),
        pytest.param(
            MAIN, replace(BACKUP, streaming=False), "sql_1", [("sql_2", Way.FOLLOW)], id="a standby follows nobody"
        ),
        pytest.param(DEAD, PROMOTED, "sql_2", [], id="the old primary has no power"),
        pytest.param(CRASHED, PROMOTED, "sql_2", [("sql_1", Way.REWIND)], id="the old primary died and is back"),
        pytest.param(FENCED, PROMOTED, "sql_2", [("sql_1", Way.REWIND)], id="the old primary has fenced itself"),
        pytest.param(
            replace(CRASHED, clean=True),
            PROMOTED,
            "sql_2",
            [("sql_1", Way.FOLLOW)],
            id="the old primary was stopped in good order before the promotion",
        ),
        pytest.param(
            replace(CRASHED, clean=True, position=801),
            PROMOTED,
            "sql_2",
            [("sql_1", Way.REWIND)],
            id="the old primary was stopped in good order and had gone on before",
        ),
        pytest.param(
            replace(STOPPED, half=True),
            replace(MAIN, timeline=2, history={1: 950}, holds=frozenset({RW, RO})),
            "sql_1",
            [("sql_2", Way.REWIND)],
            id="a rewinding was broken off: what is there must not be started",
        ),
        pytest.param(
            replace(CRASHED, rewindable=False), PROMOTED, "sql_2", [("sql_1", Way.CLONE)], id="no checksums, no hints"
        ),
        pytest.param(
            replace(CRASHED, system="8"), PROMOTED, "sql_2", [("sql_1", Way.CLONE)], id="another cluster's database"
        ),
        pytest.param(
            replace(CRASHED, found=Found.EMPTY), PROMOTED, "sql_2", [("sql_1", Way.CLONE)], id="an empty folder"
        ),
        pytest.param(
            replace(BACKUP, found=Found.STOPPED, timeline=1, position=801, streaming=False, holds=frozenset()),
            replace(MAIN, timeline=2, history={1: 800}, holds=frozenset({RW, RO})),
            "sql_1",
            [("sql_2", Way.REWIND)],
            id="a standby has received more than the new primary had",
        ),
        pytest.param(
            replace(MAIN, holds=frozenset()),
            PROMOTED,
            "sql_2",
            [("sql_1", Way.STOP), ("sql_1", Way.REWIND)],
            id="two primaries, the newer one holds the address",
        ),
        pytest.param(
            MAIN, replace(PROMOTED, holds=frozenset()), "", [], id="two primaries, the older one holds the address"
        ),
        pytest.param(MAIN, PROMOTED, "", [], id="two primaries, both hold the address"),
        pytest.param(
            replace(MAIN, holds=frozenset({RW, RO})),
            replace(PROMOTED, timeline=1, history={}, holds=frozenset()),
            "sql_1",
            [("sql_2", Way.STOP), ("sql_2", Way.CLONE)],
            id="two primaries of one timeline",
        ),
        pytest.param(
            CRASHED,
            BACKUP,
            "",
            [("sql_1", Way.OPEN), ("sql_2", Way.FOLLOW)],
            id="nobody was promoted, the dead primary has more",
        ),
        pytest.param(
            replace(CRASHED, clean=True, position=850),
            BACKUP,
            "",
            [("sql_2", Way.PROMOTE), ("sql_1", Way.FOLLOW)],
            id="a switchover died after the old primary was stopped",
        ),
        pytest.param(
            replace(REJOINED, streaming=False),
            replace(PROMOTED, found=Found.STOPPED, clean=True, position=850, holds=frozenset()),
            "",
            [("sql_1", Way.PROMOTE), ("sql_2", Way.FOLLOW)],
            id="a takeover died after the old primary was stopped",
        ),
        pytest.param(
            CRASHED,
            STOPPED,
            "",
            [("sql_1", Way.OPEN), ("sql_2", Way.START)],
            id="both lost their power and came back",
        ),
        pytest.param(DEAD, BACKUP, "", [("sql_2", Way.PROMOTE)], id="the primary is gone and nobody was promoted"),
        pytest.param(
            FENCED,
            replace(BACKUP, found=Found.GONE, why="no connection"),
            "",
            [("sql_1", Way.OPEN)],
            id="the primary is fenced and its standby gone",
        ),
        pytest.param(
            CRASHED, replace(CRASHED, name="sql_2", initial=Found.STANDBY), "", [], id="two that were primary and died"
        ),
        pytest.param(DEAD, replace(DEAD, name="sql_2", initial=Found.STANDBY), "", [], id="nobody answers"),
        pytest.param(
            MAIN,
            replace(BACKUP, holds=frozenset({RW, RO})),
            "sql_1",
            [("sql_2", Way.RELEASE)],
            id="the address for writing is held twice",
        ),
        pytest.param(
            replace(MAIN, idle=("cutover-pair",), holds=frozenset()),
            BACKUP,
            "sql_1",
            [("sql_1", Way.WATCH)],
            id="what watches the primary does not run",
        ),
    ],
)
def test_who_serves_and_which_way_leads_back(
    one: Node, two: Node, serves: str, expected: list[tuple[str, Way]]
) -> None:
    verdict = judge(pair(one, two))
    assert (verdict.serves, ways(verdict)) == (serves, expected)
    assert verdict.sound == (not expected and bool(serves) and one.answers and two.answers)


STATES = [
    MAIN,
    DEAD,
    CRASHED,
    FENCED,
    REJOINED,
    replace(MAIN, holds=frozenset()),
    replace(CRASHED, clean=True),
    replace(CRASHED, found=Found.EMPTY),
    replace(CRASHED, system="8"),
    replace(REJOINED, found=Found.STOPPED, holds=frozenset()),
    replace(REJOINED, streaming=False),
    replace(MAIN, timeline=3),
]


@pytest.mark.parametrize("wrong", ["", "sql_1", "sql_2"])
def test_w38_no_step_is_ever_meant_for_the_node_that_serves_and_none_makes_a_second_primary(wrong: str) -> None:
    mirrored = [replace(node, name="sql_2", initial=Found.STANDBY) for node in (*STATES, PROMOTED, BACKUP, STOPPED)]
    for one, two in product(STATES, mirrored):
        verdict = judge(pair(one, two), wrong)
        harmless = (Way.WATCH,)
        assert [step for step in verdict.steps if step.node == verdict.serves and step.way not in harmless] == []
        opened = [step for step in verdict.steps if step.way in (Way.OPEN, Way.PROMOTE)]
        primaries = [node for node in (one, two) if node.found is Found.PRIMARY]
        assert len(opened) <= (0 if primaries else 1), (one, two)


@pytest.mark.parametrize("wrong", ["sql_1", "sql_2"])
def test_between_two_primaries_that_cannot_be_told_apart_the_operator_decides(wrong: str) -> None:
    verdict = judge(pair(MAIN, PROMOTED), wrong)
    assert verdict.serves != wrong
    assert ways(verdict)[0] == (wrong, Way.STOP)
    assert verdict.costs
    undecided = judge(pair(MAIN, PROMOTED))
    assert undecided.blocked is not None
    assert "cutover recover acme --node" in undecided.blocked.todo


def test_a_second_primary_without_a_guard_is_made_to_give_up_the_address() -> None:
    verdict = judge(pair(replace(MAIN, old_tool=True), replace(PROMOTED, old_tool=True)), "sql_1")
    assert ways(verdict) == [("sql_1", Way.STOP), ("sql_1", Way.RELEASE), ("sql_1", Way.REWIND)]


@pytest.mark.parametrize(
    ("follows", "streaming"), [("10.99.0.101", True), ("192.0.2.1", True), ("10.99.0.9", False), ("", False)]
)
def test_a_standby_follows_its_primary_by_either_of_its_addresses(follows: str, streaming: bool) -> None:
    for login in ("192.0.2.1", "") if follows != "192.0.2.1" else ("192.0.2.1",):
        assert related((replace(MAIN, login=login), replace(BACKUP, follows=follows)))[1].streaming is streaming


def test_w38_recovery_of_the_serving_primary_is_refused_with_the_command_that_would_be_right() -> None:
    verdict = judge(pair(MAIN, STOPPED), "sql_1")
    assert verdict.steps == ()
    assert verdict.blocked is not None
    assert verdict.blocked.todo.endswith("cutover recover acme --node sql_2")


@pytest.mark.parametrize(("writer", "asks"), [("", True), ("sql_1", True), ("sql_2", False)])
def test_a_promotion_without_the_other_node_needs_the_third_host_or_a_yes(writer: str, asks: bool) -> None:
    verdict = judge(pair(DEAD, replace(BACKUP, writer=writer)))
    assert ways(verdict) == [("sql_2", Way.PROMOTE)]
    assert bool(verdict.costs) is asks


@pytest.mark.parametrize(
    ("one", "two", "free"),
    [(MAIN, STOPPED, True), (CRASHED, PROMOTED, False), (replace(CRASHED, rewindable=False), PROMOTED, False)],
)
def test_what_discards_data_needs_a_yes(one: Node, two: Node, free: bool) -> None:
    assert (judge(pair(one, two)).costs == ()) is free


@pytest.mark.parametrize(
    ("holds_one", "holds_two", "said"),
    [
        ({RW}, {RW, RO}, f"{RW} is held by both sql_1 and sql_2"),
        ({RW, RO}, {RO}, f"{RO} is held by both sql_1 and sql_2"),
        ({RW}, set(), f"nobody holds {RO}"),
        (set(), {RO, RW}, f"it holds {RW}, and sql_1 serves"),
    ],
)
def test_w35_an_address_that_is_not_held_by_exactly_one_node_is_reported(
    holds_one: set[str], holds_two: set[str], said: str
) -> None:
    verdict = judge(pair(replace(MAIN, holds=frozenset(holds_one)), replace(BACKUP, holds=frozenset(holds_two))))
    assert [trouble.what for trouble in verdict.troubles] == [said]
    assert verdict.troubles[0].todo == "cutover recover acme"


@pytest.mark.parametrize(
    ("one", "two", "why", "todo"),
    [
        (CRASHED, PROMOTED, "it was not recovered: it is stopped", "cutover recover acme, then: cutover takeover acme"),
        (DEAD, PROMOTED, "it does not answer: no connection", "switch it on, then: cutover recover acme"),
        (
            replace(REJOINED, streaming=False),
            PROMOTED,
            "it was not recovered: it does not follow sql_2",
            "cutover recover acme, then: cutover takeover acme",
        ),
        (MAIN, replace(PROMOTED, holds=frozenset()), "it cannot be told who serves", "cutover recover acme"),
        (
            replace(REJOINED, behind=FAR_BEHIND + 1),
            PROMOTED,
            "it lacks 16.8 MB of the log",
            "wait until it has caught up, see: cutover status acme",
        ),
        (
            replace(REJOINED, idle=("cutover-pair",)),
            replace(PROMOTED, holds=frozenset({RW})),
            "cutover-pair do not run",
            "cutover recover acme",
        ),
    ],
)
def test_w36_a_takeover_that_would_hurt_is_refused_with_the_command_that_is_right(
    one: Node, two: Node, why: str, todo: str
) -> None:
    found = pair(one, replace(two, name="sql_2", initial=Found.STANDBY))
    refused = objection(found, judge(found))
    assert refused is not None
    assert (refused.what, refused.todo) == (why, todo)


def test_a_recovered_main_node_may_take_over() -> None:
    found = pair(REJOINED, replace(PROMOTED, holds=frozenset({RW})))
    assert objection(found, judge(found)) is None


@pytest.mark.parametrize(
    ("behind", "old", "late"),
    [(0, 500.0, False), (None, None, False), (FAR_BEHIND, 1.0, False), (FAR_BEHIND + 1, 1.0, True), (100, 40.0, True)],
)
def test_a_standby_is_behind_by_bytes_or_by_age_unless_there_is_nothing_to_show(
    behind: int | None, old: float | None, late: bool
) -> None:
    assert bool(lag(replace(BACKUP, behind=behind, old=old))) is late
