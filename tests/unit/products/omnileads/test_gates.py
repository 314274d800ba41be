"""How each component shows that it answers (reference sheet 2.7)."""

from __future__ import annotations

import subprocess

import pytest

from cutover.hosts.probes import question
from cutover.plan.probe import ContainerRuns, HttpAnswers, TcpConnects, TlsHandshakes, UdpAnswers
from cutover.products.omnileads.components.django import ALL_MIGRATED, MANAGE
from tests.unit.products.omnileads.cases import INSTALLABLE, service, services


def test_the_whole_application_is_asked_through_nginx() -> None:
    assert service("ait", "nginx").gate.probes == (
        TlsHandshakes("127.0.0.1", 443),
        HttpAnswers("https://127.0.0.1/", (302,), "HEAD"),
    )


def test_postgresql_is_asked_over_the_network_first_and_without_a_password() -> None:
    ready, select = service("ait", "postgresql").gate.probes

    assert isinstance(ready, ContainerRuns)
    assert isinstance(select, ContainerRuns)
    assert ready.command == ("pg_isready", "--host=10.0.0.21", "--port=5432")
    assert "--command=select 1" in select.command


def test_redis_is_asked_where_the_others_find_it() -> None:
    (ping,) = service("ait", "redis").gate.probes

    assert ping == ContainerRuns("oml-redis-server", ("redis-cli", "-h", "10.0.0.21", "ping"), "PONG")


def test_rtpengine_is_pinged_by_its_control_protocol() -> None:
    (ping,) = service("ait", "rtpengine").gate.probes

    assert ping == UdpAnswers("10.0.0.22", 22222, b"cutover d7:command4:pinge", b"6:result4:pong")


def test_kamailio_answers_options_without_a_user() -> None:
    handshake, options = service("ait", "kamailio").gate.probes

    assert handshake == TlsHandshakes("10.0.0.23", 14443)
    assert isinstance(options, UdpAnswers)
    assert options.payload.startswith(b"OPTIONS sip:10.0.0.23:10060 SIP/2.0\r\n")
    assert options.payload.endswith(b"\r\n\r\n")


def test_django_is_asked_for_its_port_because_its_protocol_differs_between_releases() -> None:
    assert service("aio", "django").gate.probes[0] == TcpConnects("127.0.0.1", 8099)


@pytest.mark.parametrize(
    ("printed", "status", "healthy"),
    [
        ("[X]  auth.0001\n[X]  auth.0002", 0, True),
        ("[X]  auth.0001\n[ ]  auth.0002", 0, False),
        ("could not connect", 1, False),
        ("", 0, False),
    ],
)
def test_an_open_migration_keeps_the_gate_closed(printed: str, status: int, healthy: bool) -> None:
    script = ALL_MIGRATED.replace(f"python3 {MANAGE} showmigrations --plan", f"printf '{printed}'; exit {status}")

    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode == 0 and "migrated" in done.stdout) is healthy


@pytest.mark.parametrize("case", INSTALLABLE)
def test_w22_no_probe_holds_a_secret_and_every_one_can_be_asked(case: str) -> None:
    for each in services(case):
        assert [probe for probe in each.gate.probes if "canary" in question(probe)] == []
