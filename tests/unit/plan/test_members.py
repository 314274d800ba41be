from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.plan.members import Group, Member, takeover_of_redis, troubles

VOICE, WEB, WRITING = "10.99.0.203", "10.99.0.204", "10.99.0.201"
ADDRESSES: dict[str, tuple[str, tuple[str, ...]]] = {
    "the address for writing": (WRITING, ()),
    "the address of telephony": (VOICE, ("voice_1", "voice_2")),
    "the address of the web": (WEB, ("haproxy_1", "haproxy_2")),
}
APP_1 = Member("app_1", "10.99.0.105", redis="master", cron=True)
APP_2 = Member("app_2", "10.99.0.106", redis="slave", linked=True)


def sentinel(name: str, address: str) -> Member:
    return Member(name, address, sentinel=True, master="10.99.0.105", quorum=True)


WELL = {
    "app_1": APP_1,
    "app_2": APP_2,
    "voice_1": replace(sentinel("voice_1", "10.99.0.103"), holds=frozenset({VOICE})),
    "voice_2": sentinel("voice_2", "10.99.0.104"),
    "haproxy_1": Member("haproxy_1", "10.99.0.108", holds=frozenset({WEB})),
    "haproxy_2": Member("haproxy_2", "10.99.0.109"),
    "witness_1": sentinel("witness_1", "10.99.0.110"),
}


def group(**others: Member) -> Group:
    return Group("acme", tuple((WELL | others).values()), ADDRESSES, ("app_1", "app_2"))


def said(found: Group) -> list[tuple[str, str]]:
    return [(each.node, each.what) for each in troubles(found)]


def test_a_group_that_is_well_has_no_troubles() -> None:
    assert said(group()) == []


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"app_2": replace(APP_2, redis="", why="no connection")}, ("app_2", "does not answer: no connection")),
        ({"app_1": replace(APP_1, redis="slave", linked=True)}, ("app_1", "no Redis is master")),
        ({"app_2": replace(APP_2, redis="master")}, ("app_1", "both Redis are master: app_1, app_2")),
        ({"app_2": replace(APP_2, linked=False)}, ("app_2", "its Redis does not hear its master")),
        (
            {"voice_2": replace(WELL["voice_2"], holds=frozenset({VOICE}))},
            ("voice_2", f"the address of telephony {VOICE} is held by voice_1 and voice_2"),
        ),
        ({"haproxy_1": Member("haproxy_1", "1.2.3.4")}, ("haproxy_1", f"nobody holds the address of the web {WEB}")),
        (
            {"app_2": replace(APP_2, holds=frozenset({WRITING}))},
            ("app_2", f"it holds the address for writing {WRITING}"),
        ),
        (
            {"voice_2": replace(WELL["voice_2"], master="10.99.0.106")},
            ("voice_1", "the Sentinels disagree on the master: 10.99.0.105, 10.99.0.106"),
        ),
        (
            {"voice_2": replace(WELL["voice_2"], quorum=False)},
            ("voice_2", "its Sentinel sees no majority for a failover"),
        ),
        ({"app_2": replace(APP_2, cron=True)}, ("app_2", "scheduled jobs run on both app_1 and app_2")),
    ],
)
def test_whatever_is_wrong_with_a_group_is_said_of_one_host(
    others: dict[str, Member], expected: tuple[str, str]
) -> None:
    assert said(group(**others)) == [expected]


def test_of_two_hosts_that_are_off_only_that_is_said() -> None:
    off = {name: Member(name, WELL[name].address, why="off") for name in ("haproxy_1", "haproxy_2")}
    assert said(group(**off)) == [("haproxy_1", "does not answer: off"), ("haproxy_2", "does not answer: off")]


MOVED = {
    "app_1": replace(APP_1, redis="slave", linked=True),
    "app_2": replace(APP_2, redis="master", linked=False),
}


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({}, None),
        (MOVED, None),
        ({**MOVED, "app_1": replace(APP_1, redis="", why="off")}, "it does not answer: off"),
        ({**MOVED, "app_1": replace(APP_1, redis="slave")}, "its Redis is no replica of app_2 that is up to date"),
        (
            {**MOVED, **{name: replace(WELL[name], quorum=False) for name in ("voice_1", "voice_2", "witness_1")}},
            "the Sentinels have no majority",
        ),
    ],
)
def test_w37_redis_is_taken_over_only_by_a_replica_that_is_up_to_date(
    others: dict[str, Member], why: str | None
) -> None:
    refused = takeover_of_redis(group(**others))
    assert (refused.what if refused else None) == why
