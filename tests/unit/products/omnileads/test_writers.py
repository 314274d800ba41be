"""What stands still during a restore, and in which order it stops."""

from __future__ import annotations

import pytest

from cutover.products.omnileads import component_names
from cutover.products.omnileads.writers import OTHERS, WRITERS, stop_waves, units, writers
from tests.unit.products.omnileads.cases import ALONE, state


def test_of_every_component_it_is_decided_whether_it_writes() -> None:
    assert sorted([*WRITERS, *OTHERS]) == sorted(component_names())


@pytest.mark.parametrize("case", ALONE)
def test_w07_a_component_stops_before_what_it_needs(case: str) -> None:
    stopped: set[str] = set()
    for wave in stop_waves(state(case)):
        names = {placed.service.component for placed in wave}
        assert all(not placed.service.after & stopped for placed in wave)
        assert not any(placed.service.after & names for placed in wave)
        stopped |= names
    assert {"nginx", "django", "cron", "asterisk", "redis"} <= stopped


@pytest.mark.parametrize("case", ALONE)
def test_they_start_the_other_way_round(case: str) -> None:
    order = [placed.service.component for placed in writers(state(case))]
    assert order.index("redis") < order.index("asterisk") < order.index("nginx")
    assert order.index("redis") < order.index("django") < order.index("cron")


def test_w07_the_whole_of_an_aio_stops_in_three_waves() -> None:
    waves = [[placed.service.component for placed in wave] for wave in stop_waves(state("aio"))]
    assert waves == [["asterisk", "cron", "daphne", "kamailio", "nginx", "websockets"], ["django"], ["redis"]]


def test_w07_in_ha_cron_is_stopped_behind_what_could_start_it_and_left_to_that_again() -> None:
    waves = [{placed.service.component for placed in wave} for wave in stop_waves(state("ha"))]
    turn, cron = (next(i for i, wave in enumerate(waves) if name in wave) for name in ("keepalived_app", "cron"))
    assert turn < cron
    started = [(placed.host, placed.service.component) for placed in writers(state("ha"))]
    assert {host for host, component in started if component == "keepalived_app"} == {"app_1", "app_2"}
    assert not [host for host, component in started if component == "cron"]


def test_w07_both_hosts_of_each_pair_that_writes_stand_still() -> None:
    stopped = {placed.host for wave in stop_waves(state("ha")) for placed in wave}
    assert stopped == {"app_1", "app_2", "voice_1", "voice_2"}


def test_each_host_knows_its_own_units() -> None:
    assert units(state("ait"), "omnileads_voice") == ("asterisk",)
    assert units(state("ait"), "omnileads_data") == ("redis",)
