"""The lines that run PostgreSQL's tools in a container, as a shell reads them."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import replace

import pytest

from cutover.hosts.database import Login
from cutover.hosts.postgres import IN_LARGE_PIECES, dump_lines, load_lines, pgpass
from cutover.secret import Secret

IMAGE = "docker.io/omnileads/postgres@sha256:" + "0" * 64
LOGIN = Login("10.0.0.9", 5432, "omnileads", Secret("pa:ss\\word"), "omni leads's")


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (dump_lines(IMAGE, LOGIN, "00000003-0000001B-1"), ["--snapshot=00000003-0000001B-1", "--compress=0", ">&3"]),
        (load_lines(IMAGE, LOGIN, plain=False), ["--exit-on-error", "--no-owner", "--no-acl", "<&3"]),
        (load_lines(IMAGE, LOGIN, plain=True), ["--single-transaction", "--set=ON_ERROR_STOP=1", "<&3"]),
    ],
    ids=["dump", "load of the custom format", "load of SQL"],
)
def test_every_word_reaches_the_tool_as_it_is(lines: list[str], wanted: list[str]) -> None:
    (line,) = lines
    words = shlex.split(line)
    inner = shlex.split(words[words.index("-c") + 1])
    assert words[words.index("-c") - 1] == IMAGE
    assert {*wanted, "--host=10.0.0.9", "--no-password"} <= set(inner)
    assert any(word.startswith("--dbname=dbname='omni leads\\'s' keepalives_idle=") for word in inner)
    assert "--env=PGSSLMODE=prefer" in words


def test_w22_the_password_stands_in_a_file_alone() -> None:
    for lines in (dump_lines(IMAGE, LOGIN, None), load_lines(IMAGE, LOGIN, plain=True)):
        assert LOGIN.password.reveal() not in lines[0]
    assert pgpass(LOGIN) == b"10.0.0.9:5432:*:omnileads:pa\\:ss\\\\word\n"


def test_a_server_that_is_to_be_asked_with_tls_is_never_asked_without() -> None:
    login = Login("db.example", 5432, "omnileads", Secret("x"), "omnileads", ssl=True)
    assert "--env=PGSSLMODE=require" in shlex.split(dump_lines(IMAGE, login, None)[0])


def test_what_is_loaded_waits_for_no_standby_where_it_shall_not() -> None:
    told = "--env=PGOPTIONS=-c synchronous_commit=local"
    assert told in shlex.split(load_lines(IMAGE, replace(LOGIN, waits=False), plain=False)[0])
    assert told not in shlex.split(load_lines(IMAGE, LOGIN, plain=False)[0])


@pytest.mark.parametrize(("path", "large"), [("/usr/bin:/bin", True), ("/nowhere", False)])
def test_a_dump_is_written_in_large_pieces_where_the_image_can_do_that(path: str, large: bool) -> None:
    line = f"exec {IN_LARGE_PIECES} /usr/bin/env"
    done = subprocess.run(["/bin/sh", "-c", line], env={"PATH": path}, capture_output=True, text=True, check=True)
    assert ("_STDBUF_O=1048576" in done.stdout.splitlines()) is large
