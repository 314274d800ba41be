"""Backups as the old tool leaves them in a bucket, in every form of its history, made of a tenant's living data."""

from __future__ import annotations

import shlex
from base64 import b64decode
from enum import StrEnum

from tests.lab import s3
from tests.lab.host import Host

CONTAINER = "oml-postgresql-server"
CUSTOM_FILES = "/etc/asterisk/custom"
KEYBOARD = "/run/nobody-types"


class Form(StrEnum):
    """
    How the database is dumped.

    TERMINAL: plain SQL through a pseudo-terminal, so lines end with CR LF. PLAIN: the same without one. CUSTOM: the
    custom format of pg_dump. The object is called .sql in all three.
    """

    TERMINAL = "terminal"
    PLAIN = "plain"
    CUSTOM = "custom"


def dump(host: Host, form: Form, *, user: str = "omnileads", database: str = "omnileads") -> bytes:
    """Dump a database of the PostgreSQL container on a host."""
    words = ["pg_dump", f"--username={user}", *(["--format=custom"] if form is Form.CUSTOM else []), database]
    if form is not Form.TERMINAL:
        return _bytes(host, shlex.join(["podman", "exec", CONTAINER, *words]))
    inside = shlex.join(["podman", "exec", "--interactive", "--tty", CONTAINER, *words])
    # Nobody types and the line stays open: at the end of its input `script` would type an end of file.
    return _bytes(
        host, f"{shlex.join(['script', '--quiet', '--return', '--command', inside, '/dev/null'])} <>{KEYBOARD}"
    )


def key(epoch: int) -> str:
    """Return the key that a dump of any form gets."""
    return f"backup/pgsql-backup-{epoch}.sql"


def save_database(
    host: Host,
    place: s3.Place,
    bucket: str,
    form: Form,
    epoch: int,
    *,
    user: str = "omnileads",
    database: str = "omnileads",
) -> str:
    """Dump a database of the PostgreSQL container on a host into a bucket, and return the object's key."""
    content = dump(host, form, user=user, database=database)
    s3.client(place).put_object(Bucket=bucket, Key=key(epoch), Body=content)
    return key(epoch)


def save_asterisk(host: Host, place: s3.Place, bucket: str, epoch: int, *, sorted_by_kind: bool = False) -> list[str]:
    """
    Copy the operator's files for Asterisk into a bucket, and return the objects' keys.

    With `sorted_by_kind` they lie below `etc-custom/`, as the script in later images of Asterisk has it.
    """
    below = "etc-custom/" if sorted_by_kind else ""
    names = host.output(f"cd {CUSTOM_FILES} && find . -type f -printf '%P\\n'").splitlines()
    keys = []
    for name in sorted(names):
        made = f"backup/asterisk/{epoch}/{below}{name}"
        content = _bytes(host, shlex.join(["cat", f"{CUSTOM_FILES}/{name}"]))
        s3.client(place).put_object(Bucket=bucket, Key=made, Body=content)
        keys.append(made)
    return keys


def _bytes(host: Host, command: str) -> bytes:
    """What a command on the host writes: in base64 on the way, as the lab's own channel carries text."""
    keyboard = f"[ -p {KEYBOARD} ] || mkfifo {KEYBOARD}"
    return b64decode(host.output(f"set -o pipefail; {keyboard}; {command} | base64 --wrap=0"))
