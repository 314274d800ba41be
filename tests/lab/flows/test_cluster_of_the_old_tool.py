"""
A cluster that the old tool has installed on CentOS 7 is looked at, led back and turned round, with no guard on it.

What is the old tool's is imitated on Debian (old_cluster.sh): PostgreSQL is 15, as no 11 is to be had.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller
from tests.lab.flows import processes
from tests.lab.flows.old_cluster import LIMIT, make_old, whole
from tests.lab.flows.seen import codes, done, free, seen
from tests.lab.pair import Pair, installed
from tests.lab.running import Running
from tests.lab.waiting import wait_for

pytestmark = [pytest.mark.lab, pytest.mark.thorough]

NAME = "pair"
TAKEOVER = ("deploy", "--action=pgsql_node_takeover_main", f"--tenant={NAME}", "--json")
LEDGER = "select count(*), sum(number) from ledger"


@pytest.fixture(scope="module")
def pair(controller: Controller, module_hosts: MakeHosts) -> Pair:
    made = installed(module_hosts, controller.tenants)
    make_old(made)
    wait_for("a whole cluster of the old tool", lambda: whole(made, "sql_1"), LIMIT)
    return made


def fail_over(pair: Pair, folder: Path) -> None:
    """Have the primary lose its power while a client writes; it comes back when the other one has taken over."""
    with pair.writing(folder) as (ledger, watch):
        pair.hosts["sql_1"].kill()
        ledger.wait_for_writes()
    assert watch.together() == []
    pair.hosts["sql_1"].start()


def same(pair: Pair) -> bool:
    """Do both nodes show what clients have written?"""
    database = pair.tenant.variables.postgres_database
    return pair.sql("sql_1", LEDGER, database) == pair.sql("sql_2", LEDGER, database)


def test_w35_w36_a_second_primary_is_copied_anew_and_takes_over_by_the_old_names(
    pair: Pair, controller: Controller, tmp_path: Path
) -> None:
    fail_over(pair, tmp_path)
    pair.hosts["sql_1"].run("systemctl start postgresql-15 && systemctl restart repmgr11")
    wait_for("an address held twice", lambda: len(pair.holders(pair.vip)) == 2, LIMIT)
    found = controller.run("status", NAME, "--json")
    assert (found.status, seen(found, "sql_1")["found"], seen(found, "sql_2")["found"]) == (5, "primary", "primary")
    refused = controller.run(*TAKEOVER)
    assert (refused.status, codes(refused)) == (3, ["CUT-856"])
    undecided = controller.run("recover", NAME, "--yes", "--json")
    assert (undecided.status, codes(undecided)) == (3, ["CUT-853"])

    recovered = controller.run("recover", NAME, "--node", "sql_1", "--yes", "--json")
    assert done(recovered, "sql_1") == ["stop", "give up an address", "clone"], recovered.stdout + recovered.stderr
    assert [seen(recovered, name)["wrong"] for name in ("sql_1", "sql_2")] == ["", ""]
    assert whole(pair, "sql_2")

    with pair.writing(tmp_path) as (ledger, watch):
        taken = controller.run(*TAKEOVER)
        assert done(taken, "sql_1") == ["take over"], taken.stdout + taken.stderr
        assert done(taken, "sql_2") == ["follow"]
        ledger.wait_for_writes()
    assert (ledger.lost(), watch.together()) == ([], [])
    assert whole(pair, "sql_1")
    assert same(pair)
    assert done(controller.run(*TAKEOVER), "sql_1") == []


def test_w36_w43_a_primary_that_stayed_out_is_rewound_and_a_takeover_that_died_is_finished(
    pair: Pair, controller: Controller, tmp_path: Path
) -> None:
    for name in ("sql_1", "sql_2"):
        pair.hosts[name].run("echo wal_log_hints=on >>/var/lib/pgsql/15/data/postgresql.conf")
        pair.hosts[name].run("systemctl restart postgresql-15")
    wait_for("a whole cluster of the old tool", lambda: whole(pair, "sql_1"), LIMIT)
    fail_over(pair, tmp_path)
    found = controller.run("status", NAME, "--json")
    assert (found.status, seen(found, "sql_1")["found"], seen(found, "sql_2")["found"]) == (5, "stopped", "primary")
    recovered = controller.run("recover", NAME, "--yes", "--json")
    assert done(recovered, "sql_1") == ["rewind"], recovered.stdout + recovered.stderr
    assert whole(pair, "sql_2")

    with pair.writing(tmp_path) as (ledger, watch):
        taking = Running(controller.start(*TAKEOVER))
        taking.until(pair.hosts["sql_2"], "! systemctl is-active --quiet postgresql-15")
        processes.kill_runs(controller)
        taking.ended()
        voters = [pair.hosts[name] for name in ("sql_1", "sql_2", "witness_1")]
        wait_for("the leases to run out", lambda: all(map(free, voters)), LIMIT, 1)
        recovered = controller.run("recover", NAME, "--yes", "--json")
        assert [seen(recovered, name)["wrong"] for name in ("sql_1", "sql_2")] == ["", ""], recovered.stdout
        ledger.wait_for_writes()
        controller.run(*TAKEOVER)
        wait_for("the normal roles", lambda: whole(pair, "sql_1"), LIMIT)
    assert (ledger.lost(), watch.together()) == ([], [])
    assert same(pair)
