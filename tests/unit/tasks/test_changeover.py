"""What each host is told that leads it back to what ran before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.hosts.swap import Names
from cutover.plan.diff import diff
from cutover.plan.observed import UnitState
from cutover.plan.upgrade import written
from tasks.changeover import Changeover, switch
from tasks.planning import Planned
from tasks.restore_plan import server_of
from tests.unit.plan.example import BARE
from tests.unit.products.omnileads.cases import state, tenant

IMAGE = "docker.io/omnileads/postgres@sha256:" + "0d" * 32
RUNS = UnitState("active", enabled=False, started=7)
CRON = ("omlcron", "oml-cron-server")


def changeover(case: str, *, cron: str, schema: bool = True) -> Changeover:
    """An upgrade of everything, begun while timed jobs ran on one host."""
    desired = state(case)
    observed = {
        host: replace(BARE, host=host, units={"omlcron": RUNS} if host == cron else {}) for host in desired.hosts
    }
    planned = Planned(diff(desired, observed), desired, observed, ())
    touched = {host: written(plan) for host, plan in planned.plan.hosts.items()}
    names = Names("omnileads", "20261120021503")
    return Changeover("upgrade", tenant(case), planned, server_of(tenant(case), IMAGE), names, "", touched, schema)


@pytest.mark.parametrize(
    ("case", "decides", "swapping"),
    [("aio", "omnileads_aio", {"omnileads_aio"}), ("ait", "omnileads_data", {"omnileads_data"})],
)
def test_the_host_that_decides_gives_the_database_back(case: str, decides: str, swapping: set[str]) -> None:
    this = changeover(case, cron=decides)
    found = {host: switch(this, host) for host in this.hosts}
    assert {host for host, each in found.items() if each.database} == swapping
    assert {host for host, each in found.items() if each.decides} == {decides}


def test_of_a_pair_of_application_hosts_either_gives_the_database_back_and_one_decides() -> None:
    this = changeover("ha", cron="app_1")
    found = {host: switch(this, host) for host in this.hosts}
    assert {host for host, each in found.items() if each.database} == {"app_1", "app_2"}
    assert (found["app_1"].database, found["app_1"].back) == (found["app_2"].database, found["app_2"].back)
    assert {host for host, each in found.items() if each.decides} == {"app_1"}
    still = changeover("ha", cron="app_1", schema=False)
    assert not any(switch(still, host).database for host in still.hosts)


@pytest.mark.parametrize(("runs", "other"), [("app_1", "app_2"), ("app_2", "app_1")])
def test_timed_jobs_start_again_where_they_ran_and_elsewhere_only_if_keepalived_has_started_them(
    runs: str, other: str
) -> None:
    this = changeover("ha", cron=runs)
    assert "omlcron" in switch(this, runs).units
    assert switch(this, runs).others == ()
    assert "omlcron" not in switch(this, other).units
    assert switch(this, other).others == (CRON,)
