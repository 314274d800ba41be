"""Secrets that would be recognised anywhere: as they are, and as base64 in each of its three alignments."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from tests.lab.host import Host

PATTERNS = "/dev/shm/patterns"  # noqa: S108  on the lab host, where only this test works

# As a user without rights: what that user's find and grep can open, any user can read.
READABLE = (
    f"find / /run /tmp /dev/shm -xdev -type f -readable -newermt '1 hour ago' ! -path {PATTERNS} "
    "-print0 2>/dev/null | "
    f"xargs -0 --no-run-if-empty grep --text --files-with-matches --fixed-strings -f {PATTERNS} 2>/dev/null"
)
JOURNAL = f"journalctl --all --no-pager --output export | grep --text --fixed-strings -f {PATTERNS}"


def patterns(secrets: Iterable[str]) -> tuple[bytes, ...]:
    """Return what to look for."""
    found: set[bytes] = set()
    for secret in secrets:
        plain = secret.encode()
        found.add(plain)
        # the first and last letters of base64 hang on what stands beside the secret
        found |= {b64encode(b"-" * shift + plain)[4 if shift else 0 : -4] for shift in range(3)}
    return tuple(sorted(found))


def in_text(content: bytes, wanted: Iterable[bytes]) -> list[bytes]:
    """Return what of the wanted stands in a content."""
    return [each for each in wanted if each in content]


def in_folder(folder: Path, wanted: Iterable[bytes]) -> list[str]:
    """Return the files of a folder that hold something of the wanted; databases are read row by row too."""
    wanted = tuple(wanted)
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    found = [str(path) for path in files if in_text(path.read_bytes(), wanted)]
    return found + [f"rows of {path}" for path in files if path.suffix == ".db" and in_text(_dump(path), wanted)]


def in_journal(host: Host, wanted: Iterable[bytes]) -> list[str]:
    """Return the lines of a host's journal that hold something of the wanted."""
    return _searched(host, JOURNAL, "root", wanted)


def readable_by_anybody(host: Host, wanted: Iterable[bytes]) -> list[str]:
    """Return the files on a host that any user can read and that hold something of the wanted."""
    return _searched(host, READABLE, "ops", wanted)


def _searched(host: Host, command: str, user: str, wanted: Iterable[bytes]) -> list[str]:
    host.run(f"cat >{PATTERNS}; chmod 644 {PATTERNS}", stdin="".join(f"{each.decode()}\n" for each in wanted))
    try:
        return host.run(command, user=user, check=False, timeout=300).stdout.splitlines()
    finally:
        host.run(f"rm {PATTERNS}")


def _dump(database: Path) -> bytes:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return "\n".join(connection.iterdump()).encode()
