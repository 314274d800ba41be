"""Whom hosts must be able to reach, and the ports they need for themselves."""

from __future__ import annotations

import pytest

from tests.unit.products.omnileads.cases import INSTALLABLE, state

DB, S3, AWS = "db.example.net", "sjc1.vultrobjects.com", "s3.eu-central-1.amazonaws.com"

REDIS = {("10.0.0.105", 6379), ("10.0.0.106", 6379)}

REACHES: dict[tuple[str, str], set[tuple[str, int]]] = {
    ("aio", "omnileads_aio"): set(),
    ("cloud-url", "omnileads_aio"): {(DB, 16751), (S3, 443), ("198.51.100.20", 3100)},
    ("ait", "omnileads_data"): set(),
    ("ait", "omnileads_voice"): {
        ("10.0.0.21", 5432),
        ("10.0.0.21", 6379),
        ("10.0.0.21", 9000),
        ("10.0.0.21", 3100),
        ("10.0.0.23", 443),
    },
    ("ait", "omnileads_app"): {
        ("10.0.0.21", 5432),
        ("10.0.0.21", 6379),
        ("10.0.0.21", 9000),
        ("10.0.0.21", 3100),
        ("10.0.0.21", 9100),
        ("10.0.0.22", 9100),
        ("10.0.0.22", 5038),
    },
    ("ha", "sql_1"): set(),
    ("ha", "haproxy_2"): {*REDIS, ("10.0.0.105", 443), ("10.0.0.106", 443), ("198.51.100.20", 3100)},
    # A virtual IP is nobody's before an installation: those are tried that may hold it.
    ("ha", "voice_1"): {
        *REDIS,
        ("10.0.0.104", 26379),
        ("10.0.0.108", 26379),
        ("10.0.0.101", 5432),
        ("10.0.0.102", 5432),
        ("10.0.0.108", 6379),
        ("10.0.0.109", 6379),
        ("10.0.0.108", 443),
        ("10.0.0.109", 443),
        ("s3.example.net", 443),
        ("198.51.100.20", 3100),
    },
    ("cloud-aws", "omnileads_voice"): {
        (DB, 5432),
        (AWS, 443),
        ("10.0.0.21", 6379),
        ("10.0.0.21", 3100),
        ("10.0.0.23", 443),
    },
}


@pytest.mark.parametrize(("case", "host"), REACHES)
def test_a_host_must_reach_what_its_components_connect_to(case: str, host: str) -> None:
    assert {(each.address, each.port) for each in state(case).hosts[host].reaches} == REACHES[case, host]


@pytest.mark.parametrize("case", INSTALLABLE)
def test_no_port_of_a_host_is_wanted_by_two_components(case: str) -> None:
    for host in state(case).hosts.values():
        running = {each.component for each in host.services}
        assert set(host.binds.values()) <= running


def test_an_aio_host_binds_every_port_of_its_components_once() -> None:
    binds = state("aio").hosts["omnileads_aio"].binds

    assert binds["tcp", 9001] == "minio"
    assert ("tcp", 9090) not in binds
    assert binds["tcp", 8099] == "django"
    assert binds["tcp", 8098] == "daphne"
    assert binds["tcp", 8097] == "cron"
    assert len(binds) == 20
