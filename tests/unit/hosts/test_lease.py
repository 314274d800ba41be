"""The lease's shell, run by real processes on a file of its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cutover.errors import CutoverError
from cutover.hosts import lease
from cutover.hosts.connection import Output
from cutover.hosts.lease import Answer, Lease
from cutover.hosts.script import library

FIRST = Lease("a" * 32, "install by ops@one, run 1")
SECOND = Lease("b" * 32, "install by ops@two, run 2")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "state" / "lease"


def run(place: Path, lines: Iterable[str]) -> Output:
    text = "\n".join([library("lease"), f"lease_file={place}", *lines])
    done = subprocess.run(["bash", "-s"], input=text, capture_output=True, text=True, timeout=30, check=False)
    return Output(done.stdout, done.stderr, done.returncode, 0.0, 0.0)


def take(place: Path, by: Lease) -> Answer:
    return lease.answer(run(place, lease.take_lines(by)))


def test_w19_a_second_run_is_told_who_holds_the_tenant_and_for_how_long(place: Path) -> None:
    assert take(place, FIRST).ours
    refused = take(place, SECOND)
    assert not refused.ours
    assert refused.holder == FIRST.holder
    assert 0 < refused.seconds <= lease.LIFE


@pytest.mark.parametrize(("given", "seconds"), [(None, 60), ("20", 20), ("3600", 3600)])
def test_an_operator_says_how_long_a_lease_lives(
    place: Path, monkeypatch: pytest.MonkeyPatch, given: str | None, seconds: int
) -> None:
    monkeypatch.delenv(lease.SETTING, raising=False)
    if given is not None:
        monkeypatch.setenv(lease.SETTING, given)
    ours = Lease.new("install", "ops@one", "1")
    for lines in (lease.take_lines(ours), lease.renew_lines(ours)):
        before = int(time.time())
        assert lease.answer(run(place, lines)).ours
        _, life, expiry, _ = place.read_text().split(maxsplit=3)
        assert int(life) == seconds
        assert before + seconds <= int(expiry) <= time.time() + seconds
    assert ours.renewed_every * 3 < seconds, "two renewals may be lost"


@pytest.mark.parametrize("given", ["", "0", "19", "3601", "-60", "60.5", "a minute", "²0"])
def test_a_life_that_no_lease_can_have_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(lease.SETTING, given)
    with pytest.raises(CutoverError, match=r"CUTOVER_LEASE_SECONDS.*CUT-213") as refused:
        Lease.new("install", "ops@one", "1")
    assert "from 20 to 3600" in refused.value.findings[0].todo


def test_the_holder_may_renew_and_give_back(place: Path) -> None:
    assert take(place, FIRST).ours
    assert take(place, FIRST).ours
    run(place, lease.release_lines(FIRST))
    assert take(place, SECOND).ours


def test_releasing_leaves_another_runs_lease_alone(place: Path) -> None:
    take(place, FIRST)
    run(place, lease.release_lines(SECOND))
    assert not take(place, SECOND).ours


def test_a_dead_run_does_not_hold_the_tenant_for_ever(place: Path) -> None:
    take(place, FIRST)
    token, life, _, holder = place.read_text().split(maxsplit=3)
    place.write_text(f"{token} {life} {int(time.time()) - 1} {holder}")
    assert take(place, SECOND).ours


def test_a_lease_from_a_clock_that_ran_ahead_counts_as_expired(place: Path) -> None:
    take(place, FIRST)
    token, life, expiry, holder = place.read_text().split(maxsplit=3)
    place.write_text(f"{token} {life} {int(expiry) + 86400} {holder}")
    assert take(place, SECOND).ours


def renew(place: Path, by: Lease) -> Answer:
    return lease.answer(run(place, lease.renew_lines(by)))


def test_a_late_renewal_keeps_a_lease_that_nobody_took(place: Path) -> None:
    take(place, FIRST)
    token, life, _, holder = place.read_text().split(maxsplit=3)
    place.write_text(f"{token} {life} {int(time.time()) - 1} {holder}")
    assert renew(place, FIRST).ours
    assert not take(place, SECOND).ours


def test_a_run_that_was_away_never_gets_its_lease_back_even_when_the_other_run_has_ended(place: Path) -> None:
    take(place, SECOND)
    assert renew(place, FIRST).lost
    run(place, lease.release_lines(SECOND))
    assert renew(place, FIRST).lost
    assert take(place, SECOND).ours


def test_a_lease_that_cannot_be_written_is_not_had(place: Path) -> None:
    place.with_name("lease.new").mkdir(parents=True)
    assert not take(place, FIRST).ours


def test_a_script_changes_nothing_once_the_lease_is_another_runs(place: Path) -> None:
    take(place, SECOND)
    touched = place.with_name("touched")
    output = run(place, [*lease.guard_lines(FIRST), f"touch {touched}"])
    assert output.status == 75
    assert not touched.exists()


def test_of_many_runs_that_start_together_exactly_one_wins(place: Path) -> None:
    rivals = [Lease(f"{number:032d}", f"run {number}") for number in range(12)]
    with ThreadPoolExecutor(len(rivals)) as pool:
        answers = list(pool.map(lambda rival: take(place, rival), rivals))
    assert [answer.ours for answer in answers].count(True) == 1


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"a": Answer(ours=True), "b": Answer(ours=False)}, True),
        ({"a": Answer(ours=False), "b": Answer(ours=True)}, False),
        ({"b": Answer(ours=True)}, True),
        ({}, False),
    ],
)
def test_the_lead_host_decides_between_two_runs(answers: dict[str, Answer], expected: bool) -> None:
    assert lease.won(answers, ["a", "b"]) is expected


def test_while_a_dead_man_s_switch_is_armed_nobody_but_its_own_run_gets_the_lease(place: Path, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(f"{FIRST.token}\n")
    armed = [f"switch_token={token}"]
    refused = lease.answer(run(place, [*armed, *lease.take_lines(SECOND)]))
    assert not refused.ours
    assert "puts the old state back by itself" in refused.holder
    assert lease.answer(run(place, [*armed, *lease.take_lines(FIRST)])).ours
    run(place, lease.release_lines(FIRST))
    token.unlink()
    assert lease.answer(run(place, [*armed, *lease.take_lines(SECOND)])).ours


def test_what_a_dead_man_s_switch_waits_for_can_be_mended_once_its_run_is_dead(place: Path, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(f"{FIRST.token}\n")
    armed = [f"switch_token={token}"]
    mending = replace(SECOND, mends=True)
    take(place, FIRST)
    assert not lease.answer(run(place, [*armed, *lease.take_lines(mending)])).ours
    run(place, lease.release_lines(FIRST))
    assert lease.answer(run(place, [*armed, *lease.take_lines(mending)])).ours
    assert place.read_text().endswith(f" {SECOND.holder}\n")


@pytest.mark.parametrize(
    ("answered", "missing"),
    [
        ({"sql_1", "sql_2", "witness_1"}, ()),
        ({"sql_2", "witness_1", "app_2"}, ()),
        ({"sql_1", "sql_2"}, ()),
        ({"sql_1", "app_1", "voice_1"}, ("sql_2", "witness_1")),
        (set(), ("sql_1", "sql_2", "witness_1")),
    ],
)
def test_an_operation_without_all_hosts_needs_two_of_three_voters(answered: set[str], missing: tuple[str, ...]) -> None:
    assert lease.lacking(("sql_1", "sql_2", "witness_1"), answered) == missing
