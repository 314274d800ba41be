"""What speaks against a restore on the database pair of an HA tenant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.hosts.cluster import SILENT
from cutover.plan.cluster import FAR_BEHIND, Found, Pair, judge
from cutover.plan.estimate import Measured, estimate
from cutover.plan.members import Group
from tasks.cluster import Cluster
from tasks.restore_pair import about_pair, absent, serving
from tests.unit.plan.test_cluster import BACKUP, CRASHED, MAIN, PROMOTED, RO, RW
from tests.unit.products.omnileads.cases import tenant

MB, GB = 10**6, 10**9
SMALL = estimate(500 * MB, 0, 0, Measured(), safety=False)
ROOM = SMALL.needed


def cluster(main: Any, backup: Any, *, synchronous: bool = False) -> Cluster:
    pair = Pair("acme", (main, backup), RW, RO)
    ha = tenant("ha")
    ha = replace(ha, variables=ha.variables.model_copy(update={"postgres_synchronous": synchronous}))
    return Cluster(ha, pair, judge(pair), Group("acme", (), {}, ("app_1", "app_2")))


def test_nothing_speaks_against_a_pair_with_room_on_both_disks() -> None:
    assert list(about_pair(cluster(replace(MAIN, free=ROOM), replace(BACKUP, free=ROOM)), SMALL)) == []


@pytest.mark.parametrize("small", ["sql_1", "sql_2"])
def test_the_restored_database_has_to_fit_the_disks_of_both_hosts(small: str) -> None:
    nodes = [replace(node, free=ROOM - (node.name == small)) for node in (MAIN, BACKUP)]
    (found,) = about_pair(cluster(*nodes), SMALL)
    assert (found.code, found.where, found.fatal) == ("CUT-757", small, True)


def test_without_its_standby_a_primary_needs_room_for_its_log_too_and_the_way_back_is_named() -> None:
    away = cluster(replace(CRASHED, free=100 * GB), replace(PROMOTED, free=ROOM))
    too_small, apart = about_pair(away, SMALL)
    assert (too_small.code, too_small.where) == ("CUT-757", "sql_2")
    assert (apart.code, apart.where, apart.fatal) == ("CUT-861", "sql_1", False)
    assert apart.todo.endswith(f"cutover recover {away.tenant.name}")


def test_in_synchronous_mode_nothing_is_restored_without_a_standby() -> None:
    away = cluster(replace(CRASHED, free=100 * GB), replace(PROMOTED, free=100 * GB), synchronous=True)
    (apart,) = about_pair(away, SMALL)
    assert (apart.code, apart.fatal) == ("CUT-861", True)
    (late,) = about_pair(cluster(MAIN, replace(BACKUP, behind=FAR_BEHIND + 1), synchronous=True), SMALL)
    assert (late.code, late.fatal) == ("CUT-861", False)


def test_a_restore_does_without_the_host_of_a_standby_that_is_off_and_without_no_other() -> None:
    off = replace(BACKUP, found=Found.GONE, why="no connection", streaming=False)
    assert absent(cluster(MAIN, off)) == {"sql_2"}
    assert absent(cluster(MAIN, replace(off, why=SILENT))) == absent(cluster(MAIN, BACKUP)) == absent(None) == set()


def test_a_restore_is_done_on_the_node_that_serves_whatever_its_role_was_at_first() -> None:
    pair = serving(cluster(replace(CRASHED, found=Found.STOPPED), PROMOTED))
    assert pair is not None
    assert (pair.serves, pair.timeline, pair.standby) == ("sql_2", 2, "sql_1")
    assert serving(None) is None
