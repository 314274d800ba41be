"""How each component shows that it answers (reference sheet 2.7)."""

from __future__ import annotations

import socket
import subprocess

import pytest

from cutover.hosts.probes import question, verdict_lines, wait_lines
from cutover.plan.probe import ContainerRuns, HostRuns, HttpAnswers, TcpConnects, TlsHandshakes, UdpAnswers
from cutover.products.omnileads.components.django import ALL_MIGRATED, MANAGE
from cutover.products.omnileads.sheet import exchange
from tests.unit.products.omnileads.cases import INSTALLABLE, service, services


def test_the_whole_application_is_asked_through_nginx() -> None:
    assert service("ait", "nginx").gate.probes == (
        TlsHandshakes("127.0.0.1", 443),
        HttpAnswers("https://127.0.0.1/", (302,), "HEAD"),
    )


def test_postgresql_is_asked_over_the_network_first_and_without_a_password() -> None:
    listens, select = service("ait", "postgresql").gate.probes

    assert listens == TcpConnects("10.0.0.21", 5432)
    assert isinstance(select, ContainerRuns)
    assert "--command=select 1" in select.command


def test_redis_is_asked_where_the_others_find_it() -> None:
    (ping,) = service("ait", "redis").gate.probes

    assert isinstance(ping, HostRuns)
    assert ping.command[-3:] == ("10.0.0.21", "6379", "PING")
    assert ping.expect == "+PONG"


@pytest.mark.parametrize(("answer", "healthy"), [(b"+PONG\r\n", True), (b"-ERR nope\r\n", False)])
def test_an_exchange_over_tcp_is_judged_by_the_answer(answer: bytes, healthy: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        probe = exchange("127.0.0.1", server.getsockname()[1], "PING", "+PONG")
        with subprocess.Popen(probe.command, stdout=subprocess.PIPE) as asked:
            peer, _ = server.accept()
            with peer:
                assert peer.recv(64) == b"PING\r\n"
                peer.sendall(answer)
                said, _ = asked.communicate(timeout=10)

    assert (probe.expect.encode() in said) is healthy


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
    assert service("aio", "django").gate.probes == (TcpConnects("127.0.0.1", 8099),)


def test_the_schema_is_judged_when_the_application_starts() -> None:
    assert service("aio", "django").gate.on_start == (
        ContainerRuns("oml-django-server", ("sh", "-c", ALL_MIGRATED), "migrated"),
    )


def test_a_look_at_a_running_application_does_not_ask_for_its_schema_again() -> None:
    django = service("aio", "django")

    assert "showmigrations" in "".join(wait_lines(django))
    assert "showmigrations" not in "".join(verdict_lines([django]))


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
        assert [probe for probe in (*each.gate.probes, *each.gate.on_start) if "canary" in question(probe)] == []
