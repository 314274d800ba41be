"""The probes' shell, asked against real sockets on this machine."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cutover.hosts.probes import question
from cutover.hosts.script import script
from cutover.plan.probe import HostRuns, HttpAnswers, Probe, TcpConnects, TlsHandshakes, UdpAnswers

SIP = b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1\r\n\r\n"


def ask(probe: Probe) -> tuple[bool, str]:
    text = script(("gates",), [question(probe)])
    done = subprocess.run(["bash", "-s"], input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode == 0, done.stdout


class Redirect(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(302)
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815  the name http.server asks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Redirect) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def datagrams() -> Iterator[tuple[int, list[bytes]]]:
    seen: list[bytes] = []
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            while True:
                try:
                    data, peer = server.recvfrom(65535)
                except OSError:
                    return
                seen.append(data)
                server.sendto(b"SIP/2.0 200 OK\r\nServer: test\r\n\r\n", peer)

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1], seen


def closed_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_tcp_says_whether_somebody_listens(web: int) -> None:
    assert ask(TcpConnects("127.0.0.1", web))[0]
    healthy, seen = ask(TcpConnects("127.0.0.1", closed_port()))
    assert not healthy
    assert "refused" in seen


def test_http_compares_the_status_with_what_is_expected(web: int) -> None:
    assert ask(HttpAnswers(f"http://127.0.0.1:{web}/", (302,), "HEAD"))[0]
    healthy, seen = ask(HttpAnswers(f"http://127.0.0.1:{web}/", (200, 401)))
    assert not healthy
    assert "answered 302, expected 200 401" in seen


def test_a_datagram_of_several_lines_is_sent_as_one(datagrams: tuple[int, list[bytes]]) -> None:
    port, seen = datagrams
    assert ask(UdpAnswers("127.0.0.1", port, SIP, b"SIP/2.0 200"))[0]
    assert seen == [SIP]


def test_another_answer_is_not_taken_for_a_good_one(datagrams: tuple[int, list[bytes]]) -> None:
    healthy, text = ask(UdpAnswers("127.0.0.1", datagrams[0], SIP, b"SIP/2.0 404"))
    assert not healthy
    assert "SIP/2.0 200 OK" in text


def test_udp_without_an_answer_ends_by_itself() -> None:
    assert not ask(UdpAnswers("127.0.0.1", closed_port(), b"x", b"y"))[0]


def test_tls_wants_a_handshake_not_just_a_listener(web: int) -> None:
    assert not ask(TlsHandshakes("127.0.0.1", web))[0]


def test_a_command_must_succeed_and_print_what_is_expected() -> None:
    assert ask(HostRuns(("echo", "role:master"), "role:master"))[0]
    assert not ask(HostRuns(("echo", "role:slave"), "role:master"))[0]
    assert not ask(HostRuns(("false",)))[0]


@pytest.mark.parametrize(
    ("state", "more", "said"),
    [
        ("activating", 1, "unit omnileads ended 3 times by itself; last probe: refused"),
        ("failed", 0, "unit omnileads failed; last probe: refused"),
    ],
)
def test_a_gate_does_not_wait_for_a_unit_that_gave_up_or_ends_again_and_again(
    state: str, more: int, said: str, tmp_path: Path
) -> None:
    # The unit had ended seven times before this start; those do not count.
    count = tmp_path / "count"
    count.write_text("7")
    ended = f"echo NRestarts=$(cat {count}); echo $(($(cat {count}) + {more})) >{count}"
    systemctl = f"systemctl() {{ echo ActiveState={state}; {ended}; }}"
    check = "check() { echo refused; return 1; }"
    text = script(("gates",), [systemctl, check, "gate omnileads 900 check"])

    done = subprocess.run(["bash", "-s"], input=text, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout.strip()) == (1, said)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (("active", "deactivating", "activating", "active"), "healthy\tdjango"),
        (("active", "deactivating", "inactive"), "sick\tdjango\trefused"),
        (("active", "failed"), "sick\tdjango\trefused"),
    ],
)
def test_what_ends_and_begins_until_what_it_needs_is_there_is_asked_again_and_what_stays_down_is_not(
    states: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    coming = tmp_path / "states"
    coming.write_text("".join(f"{state}\n" for state in states))
    next_one = f"head -n 1 {coming}; [ $(wc -l <{coming}) = 1 ] || sed -i 1d {coming}"
    systemctl = f"systemctl() {{ case $1 in is-active) {next_one} ;; show) echo 9999999999999 ;; esac; }}"
    check = f"check() {{ [ $(cat {coming}) = active ] || {{ echo refused; return 1; }}; }}"
    text = script(("gates",), [systemctl, check, "verdict django check omnileads 60"])

    done = subprocess.run(["bash", "-s"], input=text, capture_output=True, text=True, timeout=60, check=False)

    assert done.stdout.strip() == said
