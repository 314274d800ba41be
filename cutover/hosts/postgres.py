"""
PostgreSQL's own tools, in a container of the tenant's own image: they belong to the server that they talk to.

The container is there for one job and ends with it. Its data comes and goes through a file descriptor handed into it,
not through the container's standard streams: those podman copies by way of a process of its own, which takes a dump
twice the time.
"""

from __future__ import annotations

import shlex
from typing import Literal

from cutover.hosts.database import Login

PGPASS = "pgpass"
"""The file of a job that holds the password."""

Tool = Literal["pg_dump", "pg_restore", "psql"]

SIGNS_OF_LIFE = "keepalives_idle=30 keepalives_interval=10 keepalives_count=6"
"""A server that lost its power says no good-bye: after a minute and a half without an answer the tool ends."""

IN_LARGE_PIECES = "$(command -v stdbuf >/dev/null && echo stdbuf --output=1M)"
"""Before a tool: it writes a megabyte at a time, where the image can do that. By itself pg_dump writes four kilobytes,
each of which wakes the next program of the pipeline; that takes a tenth of all the time of processors that a dump does.
"""

WITHOUT_WAITING = "-c synchronous_commit=local"
"""What libpq tells a server so that a commit waits for no standby."""

LOCK_PATIENCE = 300
"""Seconds that a dump waits for a table that another session has locked."""


def pgpass(login: Login) -> bytes:
    """Return the content of the file that libpq reads the password from."""

    def escaped(text: str) -> str:
        return text.replace("\\", "\\\\").replace(":", "\\:")

    fields = (login.address, str(login.port), "*", login.user, login.password.reveal())
    return (":".join(map(escaped, fields)) + "\n").encode()


def _tool(image: str, login: Login, command: str) -> str:
    """Return the line that runs a shell command in a container, with file descriptor 3 and the job's folder at /job."""
    words = [
        "podman",
        "run",
        "--rm",
        "--replace",
        "--cidfile=container",
        "--network=host",
        "--user=0",
        "--log-driver=none",
        "--security-opt=label=disable",
        "--preserve-fds=1",
        f"--env=PGPASSFILE=/job/{PGPASS}",
        f"--env=PGSSLMODE={'require' if login.ssl else 'prefer'}",
        "--env=PGCONNECT_TIMEOUT=15",
        *([] if login.waits else [f"--env=PGOPTIONS={WITHOUT_WAITING}"]),
        "--entrypoint=/bin/sh",
    ]
    # the two that hold variables of the job
    own = '"--name=$JOB" "--volume=$PWD:/job:ro"'
    return f"{shlex.join(words)} {own} {shlex.join([image, '-c', command])}"


def _command(tool: Tool, login: Login, *options: str, before: str = "") -> str:
    name = login.database.replace("\\", "\\\\").replace("'", "\\'")
    place = [
        f"--host={login.address}",
        f"--port={login.port}",
        f"--username={login.user}",
        f"--dbname=dbname='{name}' {SIGNS_OF_LIFE}",
    ]
    return f"exec {before} {shlex.join([tool, '--no-password', *place, *options])}"


def dump_lines(image: str, login: Login, snapshot: str | None) -> list[str]:
    """
    Return the lines that write a dump of a database to standard output, in the custom format and not compressed.

    `image` is a reference with its digest, `snapshot` one that another session has exported and holds.
    """
    options = ["--format=custom", "--compress=0", f"--lock-wait-timeout={LOCK_PATIENCE}s"]
    options += [f"--snapshot={snapshot}"] if snapshot else []
    command = _command("pg_dump", login, *options, before=IN_LARGE_PIECES)
    return [_tool(image, login, f"{command} >&3") + " 3>&1 >&2"]


def load_lines(image: str, login: Login, plain: bool) -> list[str]:
    """
    Return the lines that load a dump from standard input into an empty database; the first error ends it.

    `plain` says that the dump is SQL, which is loaded in one transaction; else it has the custom format.
    """
    if plain:
        options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--output=/dev/null"]
        command = _command("psql", login, *options)
    else:
        command = _command("pg_restore", login, "--exit-on-error", "--no-owner", "--no-acl")
    return [_tool(image, login, f"{command} <&3") + " 3<&0 </dev/null"]
