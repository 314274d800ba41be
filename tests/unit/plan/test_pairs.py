"""Which host of a pair is active, in which order a pair is changed, and what speaks against its virtual IPs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.plan.desired import Pair
from cutover.plan.observed import ObservedHost
from cutover.plan.pairs import Turns, held_twice, passive, turns, unheld
from tests.unit.plan.example import BARE

VIP, READING = "10.0.0.201", "10.0.0.202"
PAIR = Pair("voice_1", "voice_2", (VIP, READING))


def found(**addresses: str) -> dict[str, ObservedHost]:
    held = {"voice_1": "", "voice_2": "", **addresses}
    return {host: replace(BARE, addresses=frozenset(of.split())) for host, of in held.items()}


@pytest.mark.parametrize(
    ("holders", "first", "then"),
    [
        ({"voice_1": VIP}, "voice_2", "voice_1"),
        ({"voice_2": VIP}, "voice_1", "voice_2"),
        ({"voice_1": READING, "voice_2": VIP}, "voice_1", "voice_2"),
        ({}, "voice_2", "voice_1"),
        ({"voice_1": VIP, "voice_2": VIP}, "voice_2", "voice_1"),
    ],
)
def test_w15_who_holds_the_first_virtual_ip_comes_last(holders: dict[str, str], first: str, then: str) -> None:
    assert turns([PAIR], found(**holders)) == (Turns(first, then, "voice_1"),)


def test_a_host_that_does_not_answer_holds_nothing() -> None:
    alone = {"voice_2": found(voice_2=VIP)["voice_2"]}
    assert turns([PAIR], alone) == (Turns("voice_1", "voice_2", "voice_1"),)
    assert turns([PAIR], {}) == (Turns("voice_2", "voice_1", "voice_1"),)


def test_a_host_is_passive_only_when_the_other_one_is_active() -> None:
    assert passive([PAIR], found(voice_2=VIP)) == {"voice_1"}
    assert passive([PAIR], found()) == frozenset()
    assert passive([PAIR], found(voice_1=VIP, voice_2=VIP)) == frozenset()


def test_virtual_ips_that_nobody_holds_are_asked_for_from_the_main_host() -> None:
    assert unheld([PAIR], found()) == {"voice_1": (VIP, READING)}
    assert unheld([PAIR], found(voice_2=VIP)) == {"voice_1": (READING,)}
    assert unheld([PAIR], found(voice_1=READING, voice_2=VIP)) == {}


def test_w35_a_virtual_ip_that_two_hosts_hold_is_an_objection_that_names_both() -> None:
    assert list(held_twice([PAIR], found(voice_1=VIP, voice_2=READING))) == []
    (said,) = held_twice([PAIR], found(voice_1=VIP, voice_2=VIP))
    assert (said.code, said.where, said.fatal) == ("CUT-309", "voice_1, voice_2", True)
