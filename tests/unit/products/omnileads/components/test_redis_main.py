"""The program that asks the Sentinels which Redis is the main one, against sockets that answer as Sentinels do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cutover.products.omnileads.components.programs.redis_main import asked, main_redis, write

ONE, TWO = "10.0.0.105", "10.0.0.106"


@contextmanager
def sentinel(*pieces: bytes) -> Iterator[int]:
    """Answer one question with these pieces, then hang up; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1024)
                for piece in pieces:
                    connection.sendall(piece)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("pieces", "found"),
    [
        ((b"*2\r\n$10\r\n10.0.0.105\r\n$4\r\n6379\r\n",), ONE),
        ((b"*2\r\n$10\r\n10.0", b".0.106\r\n$4\r\n63", b"79\r\n"), TWO),
        ((b"*-1\r\n",), None),
        ((b"-ERR unknown command\r\n",), None),
        ((), None),
    ],
)
def test_a_sentinel_is_understood(pieces: tuple[bytes, ...], found: str | None) -> None:
    with sentinel(*pieces) as port:
        assert asked("127.0.0.1", port) == found


def test_a_sentinel_that_is_away_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert asked("127.0.0.1", port) is None


@pytest.mark.parametrize(
    ("answers", "main"),
    [
        ([ONE, ONE, ONE], ONE),
        ([TWO, TWO, None], TWO),
        ([None, None, TWO], TWO),
        # One Sentinel that was away has not heard of the failover yet.
        ([ONE, TWO, TWO], TWO),
        ([ONE, TWO, None], TWO),
        ([None, None, None], ONE),
    ],
)
def test_w37_what_most_sentinels_say_holds_and_without_any_the_initial_roles(
    answers: list[str | None], main: str
) -> None:
    assert main_redis(answers, ONE) == main


@pytest.mark.parametrize(("own", "role"), [(ONE, "replica"), (TWO, "main")])
def test_the_container_is_told_its_role_and_whom_to_follow(tmp_path: Path, own: str, role: str) -> None:
    write(str(tmp_path / "roles"), own, TWO)
    assert (tmp_path / "roles").read_text() == f"ROLE={role}\nMAIN={TWO}\n"
