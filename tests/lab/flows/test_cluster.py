"""
A cluster is led back to where it was, by the commands alone, with a client that writes all the time.

There are the two database hosts, the witness and a host for clients; the tenant's other hosts are off, which every
command says, and which keeps none from its work.

Eight findings stopped a rejoin that was tried by hand. Each has a test that fails when it does so again:

1. settings outside the data directory, or a link to them inside: test_findings_1_2_3 here
2. a stale postmaster.pid that names a process which exists: test_findings_1_2_3 here
3. right after a promotion the control file tells of the old timeline: test_findings_1_2_3 here
4. repmgr's own switchover and restarts do not work: every takeover here
5. the old primary starts by itself: "stay out" in tests/lab/hosts/test_postgresql_pair.py
6. units that make the same volume at once: test_named_volumes_... in tests/unit/products/omnileads/test_desired.py
7. sessions to a host without power hang: status of a tenant whose primary is off here, and what serves without it
8. the site hangs or fails while the database is away: tests/lab/flows/pairs/test_pairs_faults.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller
from tests.lab.flows import processes
from tests.lab.flows.seen import codes, done, free, seen
from tests.lab.pair import CLIENT, Pair, installed
from tests.lab.running import Running
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

NAME = "pair"
LIMIT = 180.0
DATA = "/var/lib/postgresql/15/main"
OLD_CONTROL_FILE = (
    "select timeline_id < ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int "
    "from pg_control_checkpoint()"
)


@pytest.fixture(scope="module")
def made(controller: Controller, module_hosts: MakeHosts) -> Pair:
    return installed(module_hosts, controller.tenants)


@pytest.fixture
def pair(made: Pair, controller: Controller) -> Iterator[Pair]:
    """A pair in its normal state; what a test leaves is led back by the commands that are tried here."""
    for host in made.hosts.values():
        host.heal()
        host.start()
    wait_for("no run on the hosts", lambda: all(free(host) for host in made.hosts.values()), LIMIT, 0.5)
    if not made.serves("sql_1"):
        controller.run("recover", NAME, "--yes")
        controller.run("takeover", NAME)
    made.wait("sql_1")
    yield made


def killed(controller: Controller) -> None:
    processes.kill_runs(controller)


def primaries(pair: Pair) -> list[str]:
    """The hosts whose PostgreSQL takes writes."""
    asked = {name: pair.hosts[name].run(f"test -e {DATA}/standby.signal", check=False) for name in ("sql_1", "sql_2")}
    running = [name for name in asked if pair.status(name).get("role") == "primary"]
    return [name for name in running if asked[name].returncode]


def test_w36_after_a_power_cut_the_primary_is_rewound_and_takes_over_and_not_before(
    pair: Pair, controller: Controller, tmp_path: Path
) -> None:
    with pair.writing(tmp_path) as (ledger, watch):
        pair.hosts["sql_1"].kill()
        ledger.wait_for_writes()
        off = controller.run("status", NAME, "--json")
        assert (off.status, seen(off, "sql_1")["found"]) == (5, "no answer"), off.stderr
        assert (seen(off, "sql_2")["found"], seen(off, "sql_2")["timeline"]) == ("primary", "2")
        pair.hosts["sql_1"].start()
        wait_for("the old primary fenced", lambda: pair.status("sql_1").get("fenced") == "replaced", LIMIT)

        refused = controller.run("deploy", "--action=pgsql_node_takeover_main", f"--tenant={NAME}", "--json")
        assert (refused.status, codes(refused)) == (3, ["CUT-856"])
        assert f"cutover recover {NAME}" in refused.stdout

        recovered = controller.run("recover", NAME, "--node", "sql_1", "--yes", "--json")
        assert done(recovered, "sql_1") == ["rewind"], recovered.stdout + recovered.stderr
        assert (seen(recovered, "sql_1")["found"], seen(recovered, "sql_1")["wrong"]) == ("standby", "")

        ledger.wait_for_writes()
        taken = controller.run("takeover", NAME, "--json")
        assert done(taken, "sql_1") == ["take over"], taken.stdout + taken.stderr
        assert done(taken, "sql_2") == ["follow"]
        ledger.wait_for_writes()
    assert watch.together() == []
    assert pair.serves("sql_1")
    assert pair.sql("sql_1", "select count(*) from pg_replication_slots where not active") == "0"
    again = controller.run("takeover", NAME, "--part", "postgresql", "--json")
    assert done(again, "sql_1") == done(again, "sql_2") == []


@pytest.mark.thorough
def test_findings_1_2_3_of_settings_a_stale_process_and_an_old_control_file_stop_no_rewinding(
    pair: Pair, controller: Controller, tmp_path: Path
) -> None:
    database = pair.tenant.variables.postgres_database
    with pair.writing(tmp_path) as (ledger, watch):
        # what has to be written to disk after the promotion, which takes minutes unless it is asked for
        pair.sql(
            "sql_1", "create table much as select repeat(md5(i::text), 9) from generate_series(1, 60000) i", database
        )
        there = "select to_regclass('much') is not null"
        wait_for("the standby to have it", lambda: pair.sql("sql_2", there, database) == "t", LIMIT)
        pair.hosts["sql_1"].kill()
        ledger.wait_for_writes()
        pair.hosts["sql_1"].start()
        wait_for("the old primary fenced", lambda: pair.status("sql_1").get("fenced") == "replaced", LIMIT)
        pair.hosts["sql_1"].run(f"echo 1 >{DATA}/postmaster.pid")
        pair.hosts["sql_1"].run(f"ln --symbolic --force /etc/postgresql/15/main/postgresql.conf {DATA}/postgresql.conf")
        assert pair.sql("sql_2", OLD_CONTROL_FILE) == "t"
        recovered = controller.run("recover", NAME, "--yes", "--json")
        assert done(recovered, "sql_1") == ["rewind"], recovered.stdout + recovered.stderr
        ledger.wait_for_writes()
        pair.sql("sql_2", "drop table much", database)
    assert watch.together() == []


@pytest.mark.thorough
def test_w38_recovery_of_the_primary_that_serves_is_refused_and_a_standby_that_was_off_needs_none(
    pair: Pair, controller: Controller, tmp_path: Path
) -> None:
    with pair.writing(tmp_path) as (ledger, watch):
        pair.hosts["sql_2"].kill()
        ledger.wait_for_writes()
        refused = controller.run("deploy", "--action=pgsql_node_recovery_main", f"--tenant={NAME}", "--json")
        assert (refused.status, codes(refused)) == (3, ["CUT-853"])
        assert f"cutover recover {NAME} --node sql_2" in refused.stdout
        pair.hosts["sql_2"].start()
        pair.wait("sql_1")
        recovered = controller.run("deploy", "--action=pgsql_node_recovery_backup", f"--tenant={NAME}", "--json")
        assert done(recovered, "sql_2") == done(recovered, "sql_1") == []
        assert seen(recovered, "sql_2")["wrong"] == ""
    assert (ledger.lost(), watch.together()) == ([], [])


@pytest.mark.thorough
def test_a_node_that_cannot_be_rewound_is_copied_anew_while_the_other_serves(
    pair: Pair, controller: Controller, tmp_path: Path
) -> None:
    with pair.writing(tmp_path) as (ledger, watch):
        pair.hosts["sql_2"].run(
            f"cutover-pair hold --seconds 600 && systemctl stop postgresql@15-main && rm -r {DATA}/*"
        )
        recovered = controller.run("recover", NAME, "--yes", "--json")
        assert done(recovered, "sql_2") == ["clone"], recovered.stdout + recovered.stderr
        ledger.wait_for_writes()
    assert (ledger.lost(), watch.together()) == ([], [])
    assert pair.serves("sql_1")
    assert pair.hosts["sql_2"].run(f"test -e {DATA}.old", check=False).returncode


def test_an_address_that_a_stranger_holds_is_reported(pair: Pair, controller: Controller) -> None:
    stranger = pair.hosts[CLIENT]
    stranger.run(f"ip address add {pair.vip}/24 dev eth0")
    try:
        found = controller.run("status", NAME, "--json")
    finally:
        stranger.run(f"ip address delete {pair.vip}/24 dev eth0")
    assert found.status == 5
    assert seen(found, CLIENT)["wrong"].startswith(f"it holds the address for writing {pair.vip}")


@pytest.mark.thorough
def test_a_takeover_by_a_standby_that_is_far_behind_is_refused(
    pair: Pair, controller: Controller, tmp_path: Path
) -> None:
    assert done(controller.run("recover", NAME, "--json"), "sql_1") == []
    pair.hosts["sql_1"].kill()
    wait_for("the other as primary", lambda: pair.status("sql_2").get("role") == "primary", LIMIT)
    pair.hosts["sql_1"].start()
    controller.run("recover", NAME, "--yes")
    pair.wait("sql_2")
    pair.sql("sql_1", "select pg_wal_replay_pause()")
    database = pair.tenant.variables.postgres_database
    pair.sql("sql_2", "create table big as select repeat(md5(i::text), 9) from generate_series(1, 150000) i", database)
    try:
        refused = controller.run("takeover", NAME, "--json")
    finally:
        pair.sql("sql_1", "select pg_wal_replay_resume()")
    assert (refused.status, codes(refused)) == (3, ["CUT-856"])
    assert "MB of the log" in refused.stdout
    assert primaries(pair) == ["sql_2"]


@pytest.mark.thorough
def test_a_controller_that_is_killed_in_a_rejoin_leaves_one_primary_and_running_again_finishes(
    pair: Pair, controller: Controller, tmp_path: Path
) -> None:
    with pair.writing(tmp_path) as (ledger, watch):
        pair.hosts["sql_1"].kill()
        ledger.wait_for_writes()
        pair.hosts["sql_1"].start()
        recovering = Running(controller.start("recover", NAME, "--yes", "--json"))
        recovering.until(pair.hosts["sql_1"], "test -e /run/cutover/jobs/rejoin/run")
        killed(controller)
        recovering.ended()
        assert primaries(pair) == ["sql_2"]
        wait_for("the lease to run out", lambda: free(pair.hosts["sql_1"]) and free(pair.hosts["sql_2"]), LIMIT, 1)
        controller.run("recover", NAME, "--yes", "--json")
        pair.wait("sql_2")
        ledger.wait_for_writes()
    assert watch.together() == []


@pytest.mark.thorough
def test_a_controller_that_is_killed_in_a_switchover_leaves_one_primary_and_running_again_finishes(
    pair: Pair, controller: Controller, tmp_path: Path
) -> None:
    pair.hosts["sql_1"].kill()
    wait_for("the other as primary", lambda: pair.status("sql_2").get("role") == "primary", LIMIT)
    pair.hosts["sql_1"].start()
    controller.run("recover", NAME, "--yes")
    pair.wait("sql_2")
    with pair.writing(tmp_path) as (ledger, watch):
        taking = Running(controller.start("takeover", NAME, "--json"))
        taking.until(pair.hosts["sql_2"], "test -e /run/cutover-pair/hold")
        killed(controller)
        taking.ended()
        ledger.wait_for_writes(limit=LIMIT)
        assert len(primaries(pair)) == 1
        wait_for("the lease to run out", lambda: free(pair.hosts["sql_1"]) and free(pair.hosts["sql_2"]), LIMIT, 1)
        controller.run("recover", NAME, "--yes", "--json")
        controller.run("takeover", NAME, "--json")
        pair.wait("sql_1")
    assert (ledger.lost(), watch.together()) == ([], [])


@pytest.mark.thorough
def test_a_primary_that_was_cut_off_comes_back_as_a_standby(pair: Pair, controller: Controller, tmp_path: Path) -> None:
    with pair.writing(tmp_path) as (ledger, watch):
        pair.hosts["sql_1"].cut()
        ledger.wait_for_writes()
        pair.hosts["sql_1"].heal()
        wait_for("the old primary fenced", lambda: pair.status("sql_1").get("fenced") == "replaced", LIMIT)
        recovered = controller.run("recover", NAME, "--yes", "--json")
        assert done(recovered, "sql_1") == ["rewind"], recovered.stdout + recovered.stderr
        pair.wait("sql_2")
    assert watch.together() == []


@pytest.mark.thorough
def test_lost_redundancy_fails_one_watch_and_then_no_other_for_the_same_reason(
    pair: Pair, controller: Controller
) -> None:
    controller.run("watch", NAME, "--json")
    assert controller.run("watch", NAME, "--json").json["state"]["name"] == "StillDegraded"
    pair.hosts["sql_2"].kill()
    lost = controller.run("watch", NAME, "--json")
    assert (lost.json["state"]["name"], lost.json["state"]["type"]) == ("Degraded", "FAILED")
    assert controller.run("watch", NAME, "--json").json["state"]["type"] == "COMPLETED"
