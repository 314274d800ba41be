"""What a host is asked before it hands over, by a real shell against a real server of this machine."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cutover.hosts import handover

URL = "http://127.0.0.1:{}/{}"


class Balancer(BaseHTTPRequestHandler):
    """Leads those with the cookie of node A to it, all others to B; the page `away` has nobody to answer it."""

    def do_GET(self) -> None:
        self.send_response(503 if self.path == "/away" else 302)
        if self.headers["Cookie"] != "SRVNAME=SA":
            self.send_header("Set-Cookie", "SRVNAME=SB; path=/; HttpOnly")
        self.send_header("Set-Cookie", "session=1; path=/")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def balancer() -> Iterator[int]:
    """The server's port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Balancer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def yes(text: str) -> bool:
    return subprocess.run(["bash", "-s"], input=text, text=True, timeout=60, check=False).returncode == 0


@pytest.mark.parametrize(("page", "name", "expected"), [("", "SA", True), ("", "SC", False), ("away", "SA", False)])
def test_a_balancer_leads_to_a_node_when_it_names_no_other_one(
    balancer: int, page: str, name: str, expected: bool
) -> None:
    url = URL.format(balancer, page)
    assert yes(handover.ask("balancer_leads_to", url, "SRVNAME", name)) is expected


def test_a_balancer_that_is_not_there_leads_nowhere() -> None:
    assert not yes(handover.ask("balancer_leads_to", URL.format(1, ""), "SRVNAME", "SA"))


def test_a_no_is_asked_again_for_as_long_as_was_said(tmp_path: object) -> None:
    assert yes(handover.ask("test", "-d", tmp_path, within=0))
    assert not yes(handover.ask("test", "-e", f"{tmp_path}/never", within=1))


def test_an_address_is_held_as_a_whole_and_not_by_its_beginning() -> None:
    assert yes(handover.ask("holds_address", "127.0.0.1"))
    assert not yes(handover.ask("holds_address", "127.0.0"))
