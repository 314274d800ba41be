"""What a PostgreSQL pair does when hosts and networks fail: at any time one host lets clients write, or none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.ledger import Ledger
from tests.lab.length import at_length
from tests.lab.pair import CLIENT, Pair, installed
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

LIMIT = 120.0
A_WHILE = 20
"""Seconds in which a pair would have done something, if it were to."""

A_MINUTE = 60
HAND_OVER = "cutover-pair hold --hand-over --seconds 60 && systemctl stop postgresql@15-main"


@pytest.fixture
def pair(hosts: MakeHosts, tmp_path: Path) -> Pair:
    return installed(hosts, tmp_path)


@pytest.fixture
def synchronous(hosts: MakeHosts, tmp_path: Path) -> Iterator[Pair]:
    made = installed(hosts, tmp_path, synchronous=True)
    made.install()
    made.wait("sql_1")
    yield made


def replaced(pair: Pair, name: str) -> bool:
    status = pair.status(name)
    return (status.get("role"), status.get("fenced"), status.get("vips")) == ("stopped", "replaced", [])


def started(pair: Pair) -> list[str]:
    return [pair.sql(name, "select pg_postmaster_start_time()") for name in ("sql_1", "sql_2")]


def keeps_writing(ledger: Ledger, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ledger.wait_for_writes()


def test_w35_w43_the_standby_takes_over_and_the_old_primary_comes_back_as_its_standby(
    pair: Pair, tmp_path: Path
) -> None:
    with pair.writing(tmp_path) as (ledger, seen):
        pair.hosts["sql_1"].kill()
        ledger.wait_for_writes(count=20)
        assert (pair.holders(pair.vip), pair.holders(pair.read_vip)) == (["sql_2"], ["sql_2"])

        pair.hosts["sql_1"].start()
        wait_for("the old primary to stay out", lambda: replaced(pair, "sql_1"), LIMIT)
        pair.rejoin("sql_1")
        pair.wait("sql_2")
        ledger.wait_for_writes()
    assert seen.together() == []
    assert seen.held_together() == []


def test_w35_a_primary_that_is_cut_off_stops_before_another_writes_and_does_not_come_back_as_one(
    pair: Pair, tmp_path: Path
) -> None:
    with pair.writing(tmp_path) as (ledger, seen):
        pair.hosts["sql_1"].cut()
        ledger.wait_for_writes(count=20)
        keeps_writing(ledger, A_WHILE)
        pair.hosts["sql_1"].heal()
        wait_for("the old primary to stay out", lambda: replaced(pair, "sql_1"), LIMIT)
        keeps_writing(ledger, A_WHILE)
        assert replaced(pair, "sql_1")
        assert pair.holders(pair.vip) == ["sql_2"]
    assert seen.together() == []
    assert seen.held_together() == []


@pytest.mark.thorough
def test_w35_a_cut_between_the_two_hosts_alone_changes_no_role(pair: Pair, tmp_path: Path) -> None:
    with pair.writing(tmp_path) as (ledger, seen):
        pair.hosts["sql_1"].cut(pair.hosts["sql_2"])
        wait_for("readers at the primary", lambda: pair.holders(pair.read_vip) == ["sql_1"], LIMIT)
        keeps_writing(ledger, A_WHILE)
        assert [pair.status(name)["role"] for name in ("sql_1", "sql_2")] == ["primary", "standby"]
        pair.hosts["sql_1"].heal()
        pair.wait("sql_1")
        ledger.wait_for_writes()
    assert seen.held_together() == []
    assert ledger.lost() == []


@pytest.mark.thorough
def test_an_outage_of_the_whole_network_ends_with_the_same_primary(pair: Pair, tmp_path: Path) -> None:
    voters = [host for name, host in pair.hosts.items() if name != CLIENT]
    with pair.writing(tmp_path) as (ledger, seen):
        for host in voters:
            host.cut()
        time.sleep(A_WHILE)
        for host in voters:
            host.heal()
        pair.wait("sql_1")
        ledger.wait_for_writes()
    assert seen.held_together() == []
    assert ledger.lost() == []


@pytest.mark.thorough
def test_losing_the_third_vote_changes_nothing(pair: Pair, tmp_path: Path) -> None:
    before = started(pair)
    with pair.writing(tmp_path) as (ledger, seen):
        pair.hosts["witness_1"].kill()
        keeps_writing(ledger, A_WHILE)
        assert pair.serves("sql_1")
        pair.hosts["witness_1"].start()
        wait_for("the third vote", lambda: pair.status("sql_1")["writer"] == "sql_1", LIMIT)
        ledger.wait_for_writes()
    assert started(pair) == before
    assert seen.held_together() == []


@pytest.mark.thorough
def test_w35_readers_go_to_the_primary_when_the_standby_dies_and_back_when_it_returns(
    pair: Pair, tmp_path: Path
) -> None:
    with pair.writing(tmp_path) as (ledger, seen):
        pair.hosts["sql_2"].kill()
        wait_for("readers at the primary", lambda: pair.holders(pair.read_vip) == ["sql_1"], LIMIT)
        keeps_writing(ledger, A_WHILE)
        pair.hosts["sql_2"].start()
        pair.wait("sql_1")
    assert seen.held_together() == []
    assert ledger.lost() == []


@pytest.mark.thorough
def test_w43_both_hosts_come_back_from_a_reboot_with_one_primary(pair: Pair, tmp_path: Path) -> None:
    for name in ("sql_2", "sql_1"):
        pair.hosts[name].stop()
    for name in ("sql_1", "sql_2"):
        pair.hosts[name].start()
    pair.wait("sql_1")
    with pair.writing(tmp_path):
        pass


@pytest.mark.thorough
def test_a_primary_whose_server_crashes_goes_on_as_one(pair: Pair, tmp_path: Path) -> None:
    with pair.writing(tmp_path) as (ledger, seen):
        pair.hosts["sql_1"].run("kill -9 $(head -1 /var/lib/postgresql/15/main/postmaster.pid)")
        ledger.wait_for_writes()
        pair.wait("sql_1")
    assert seen.together() == []
    assert ledger.lost() == []


@pytest.mark.thorough
def test_a_guard_that_dies_or_hangs_is_replaced_and_the_primary_serves_on(pair: Pair, tmp_path: Path) -> None:
    before = started(pair)
    with pair.writing(tmp_path) as (ledger, seen):
        for signal in ("KILL", "STOP"):
            pair.hosts["sql_1"].run(f"systemctl kill --kill-whom=main --signal={signal} cutover-pair")
            time.sleep(A_WHILE / 2)
            pair.wait("sql_1")
            ledger.wait_for_writes()
    assert started(pair) == before
    assert seen.together() == []


@pytest.mark.thorough
def test_w36_a_standby_is_not_promoted_while_its_primary_serves(pair: Pair, tmp_path: Path) -> None:
    with pair.writing(tmp_path) as (ledger, seen):
        refused = pair.hosts["sql_2"].run("cutover-pair promote", check=False)
        assert (refused.returncode, "the other host is primary" in refused.stderr) == (1, True)
        ledger.wait_for_writes()
    assert pair.serves("sql_1")
    assert seen.held_together() == []


@pytest.mark.thorough
def test_w36_a_held_primary_that_stops_leaves_its_place_to_the_standby_at_once(pair: Pair, tmp_path: Path) -> None:
    with pair.writing(tmp_path) as (ledger, seen):
        pair.hosts["sql_1"].run("cutover-pair hold --seconds 60 && systemctl stop postgresql@15-main")
        pair.hosts["sql_2"].run("cutover-pair promote")
        ledger.wait_for_writes(count=20)
        pair.hosts["sql_1"].run("cutover-pair unhold")
        wait_for("the old primary to stay out", lambda: replaced(pair, "sql_1"), LIMIT)
    assert ledger.lost() == []
    assert seen.together() == []


@pytest.mark.thorough
def test_w36_a_primary_that_hands_over_is_replaced_at_once_and_with_all_that_it_wrote(
    pair: Pair, tmp_path: Path
) -> None:
    with pair.writing(tmp_path) as (ledger, seen):
        with ThreadPoolExecutor() as beside:
            promoted = beside.submit(pair.hosts["sql_2"].run, "cutover-pair promote --handed-over")
            pair.hosts["sql_1"].run(HAND_OVER)
        assert promoted.result().returncode == 0
        ledger.wait_for_writes(count=20)
        pair.hosts["sql_1"].run("cutover-pair unhold")
        wait_for("the old primary to stay out", lambda: replaced(pair, "sql_1"), LIMIT)
    assert ledger.lost() == []
    assert seen.together() == []
    assert seen.held_together() == []


@pytest.mark.thorough
def test_w36_a_primary_that_hands_over_in_vain_serves_again(pair: Pair, tmp_path: Path) -> None:
    with pair.writing(tmp_path) as (ledger, seen):
        pair.hosts["sql_2"].run("cutover-pair hold --seconds 60")
        pair.hosts["sql_1"].run(HAND_OVER)
        wait_for("nobody to hold the address", lambda: pair.holders(pair.vip) == [], LIMIT)
        pair.hosts["sql_1"].run("cutover-pair unhold")
        ledger.wait_for_writes()
        pair.hosts["sql_2"].run("cutover-pair unhold")
        pair.wait("sql_1")
    assert ledger.lost() == []
    assert seen.held_together() == []


@pytest.mark.parametrize("primary", ["sql_1", "sql_2"])
@pytest.mark.thorough
def test_w38_installing_again_changes_nothing_and_restarts_nothing(pair: Pair, tmp_path: Path, primary: str) -> None:
    if primary == "sql_2":
        pair.hosts["sql_1"].run("cutover-pair hold --seconds 60 && systemctl stop postgresql@15-main")
        pair.hosts["sql_2"].run("cutover-pair promote")
        pair.rejoin("sql_1")
        pair.hosts["sql_1"].run("cutover-pair unhold")
        pair.wait("sql_2")
    before = started(pair)
    with pair.writing(tmp_path) as (ledger, seen):
        assert pair.install().empty
        pair.hosts["sql_1"].run("rm /var/lib/cutover/record.json")
        pair.hosts["sql_2"].run("rm /var/lib/cutover/record.json")
        pair.hosts["witness_1"].run("rm /var/lib/cutover/record.json")
        assert not pair.install().empty
        assert pair.serves(primary)
    assert started(pair) == before
    assert ledger.lost() == []
    assert seen.held_together() == []


@pytest.mark.thorough
def test_w38_data_of_somebody_else_are_left_alone(pair: Pair) -> None:
    pair.hosts["sql_2"].run("rm /var/lib/postgresql/15/main/cutover-pair; rm -f /var/lib/cutover/record.json")
    pair.hosts["sql_1"].run("rm -f /var/lib/cutover/record.json")
    pair.hosts["witness_1"].run("rm -f /var/lib/cutover/record.json")
    before = started(pair)
    with pytest.raises(Exception, match="CUT-515"):
        pair.install()
    assert started(pair) == before


def test_w24_the_application_is_no_superuser_owns_its_database_and_nobody_enters_without_a_password(
    pair: Pair,
) -> None:
    v = pair.tenant.variables
    superusers = pair.sql("sql_1", "select rolname from pg_roles where rolsuper").split()
    owners = pair.sql("sql_1", "select datname, pg_get_userbyid(datdba) from pg_database").split()
    assert sorted(superusers) == ["postgres", "repmgr"]
    assert f"{v.postgres_database}|{v.postgres_user}" in owners
    assert pair.sql("sql_1", "select lanname from pg_language where lanname = 'plperl'", v.postgres_database)
    assert pair.sql("sql_1", "select count(*) from pg_hba_file_rules where auth_method = 'trust'") == "0"
    assert pair.sql("sql_1", "show data_checksums") == "on"
    for user in ("repmgr", "cutover", v.postgres_user):
        login = f"psql 'host={pair.vip} user={user} dbname=repmgr' -w -c 'select 1'"
        assert pair.hosts["sql_2"].run(f"PGPASSFILE=/dev/null {login}", check=False).returncode


@pytest.mark.thorough
def test_a_setting_that_needs_no_restart_is_taken_over_without_one(pair: Pair, tmp_path: Path) -> None:
    before = started(pair)
    variables = pair.tenant.variables.model_copy(update={"postgres_synchronous": True})
    changed = Pair(replace(pair.tenant, variables=variables), pair.hosts)
    with pair.writing(tmp_path) as (ledger, _):
        assert not changed.install().empty
        ledger.wait_for_writes()
    assert [pair.status(name)["synchronous"] for name in ("sql_1", "sql_2")] == [True, True]
    assert started(pair) == before


@pytest.mark.thorough
def test_a_synchronous_pair_loses_nothing_that_was_acknowledged(synchronous: Pair, tmp_path: Path) -> None:
    pair = synchronous
    with pair.writing(tmp_path) as (ledger, seen):
        ledger.wait_for_writes(count=40)
        pair.hosts["sql_1"].kill()
        wait_for("the standby to take over", lambda: pair.holders(pair.vip) == ["sql_2"], LIMIT)
    assert ledger.lost() == []
    assert seen.together() == []


@at_length
def test_w35_a_synchronous_pair_that_was_cut_in_two_for_a_minute_has_one_primary_and_lost_nothing(
    synchronous: Pair, tmp_path: Path
) -> None:
    pair = synchronous
    with pair.writing(tmp_path) as (ledger, seen):
        ledger.wait_for_writes(count=40)
        pair.hosts["sql_1"].cut(pair.hosts["sql_2"])
        time.sleep(A_MINUTE)
        assert [pair.status(name)["role"] for name in ("sql_1", "sql_2")] == ["primary", "standby"]
        pair.hosts["sql_1"].heal()
        ledger.wait_for_writes()
        pair.wait("sql_1")
    assert ledger.lost() == []
    assert seen.held_together() == []


@at_length
def test_w35_a_synchronous_primary_that_was_cut_off_for_a_minute_is_replaced_and_nothing_is_lost(
    synchronous: Pair, tmp_path: Path
) -> None:
    pair = synchronous
    with pair.writing(tmp_path) as (ledger, seen):
        ledger.wait_for_writes(count=40)
        pair.hosts["sql_1"].cut()
        wait_for("the standby to take over", lambda: pair.vip in pair.status("sql_2").get("vips", []), LIMIT)
        time.sleep(A_MINUTE)
        pair.hosts["sql_1"].heal()
        wait_for("the old primary to stay out", lambda: replaced(pair, "sql_1"), LIMIT)
        pair.rejoin("sql_1")
        ledger.wait_for_writes()
        pair.wait("sql_2")
    assert ledger.lost() == []
    assert seen.together() == []
    assert seen.held_together() == []


@pytest.mark.thorough
def test_a_synchronous_pair_writes_again_when_the_standby_is_back(synchronous: Pair, tmp_path: Path) -> None:
    pair = synchronous
    with pair.writing(tmp_path) as (ledger, _):
        pair.hosts["sql_2"].kill()
        time.sleep(A_WHILE / 2)
        assert pair.holders(pair.vip) == ["sql_1"]
        pair.hosts["sql_2"].start()
        ledger.wait_for_writes()
    assert ledger.lost() == []
