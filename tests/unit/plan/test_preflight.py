from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.plan.observed import Record, UnitState
from cutover.plan.preflight import objections
from tests.unit.plan.example import BARE, DESIRED

NGINX_RUNS = {"nginx": UnitState("active", enabled=True, started=1)}


def codes(**changes: Any) -> list[str]:
    return [f.code for f in objections(DESIRED, {BARE.host: replace(BARE, **changes)})]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"disk_free": 1 << 30}, ["CUT-302"]),
        ({"disk_free": 1 << 30, "record": Record(digests={"a:b": "sha256:c"})}, []),
        ({"memory": 1 << 29}, ["CUT-303"]),
        ({"clock_offset": 61.0}, ["CUT-304"]),
        ({"clock_offset": -61.0}, ["CUT-304"]),
        ({"clock_offset": 1.5}, []),
        ({"listening": frozenset({("tcp", 443)})}, ["CUT-305"]),
        ({"listening": frozenset({("udp", 443)})}, []),
        ({"listening": frozenset({("tcp", 443)}), "units": NGINX_RUNS}, []),
        ({"controller": "192.0.2.7"}, ["CUT-307"]),
        ({"disk_free": 0, "memory": 0, "clock_offset": 99.0}, ["CUT-302", "CUT-303", "CUT-304"]),
    ],
)
def test_w21_everything_that_speaks_against_a_host_is_said_at_once(changes: dict[str, Any], found: list[str]) -> None:
    assert codes(**changes) == found


def test_the_finding_names_the_host_the_port_and_what_to_do() -> None:
    (finding,) = objections(DESIRED, {BARE.host: replace(BARE, listening=frozenset({("tcp", 443)}))})
    assert finding.where == "omnileads_aio"
    assert "443/tcp" in finding.what
    assert "nginx needs it" in finding.why
    assert "ss -lpn" in finding.todo
