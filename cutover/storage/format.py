"""What a dump is, told by its first bytes: names say nothing, the old tool calls every dump `.sql`."""

from __future__ import annotations

import re
from enum import StrEnum


class Format(StrEnum):
    """How a dump was written."""

    PLAIN = "plain SQL"
    PLAIN_CRLF = "plain SQL with a terminal's line ends"
    CUSTOM = "pg_dump custom"
    ZSTD = "zstd"
    AGE = "age"


_SQL = re.compile(rb"\s*(--|/\*|SET |SELECT |CREATE |BEGIN|\\)")


def sniff(first: bytes) -> Format | None:
    """Return the format of what begins with these bytes (some 500 are enough), None for what is no dump."""
    if first.startswith(b"PGDMP"):
        return Format.CUSTOM
    if first.startswith(b"\x28\xb5\x2f\xfd"):
        return Format.ZSTD
    if first.startswith((b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----")):
        return Format.AGE
    if _SQL.match(first) and b"\0" not in first:
        return Format.PLAIN_CRLF if b"\r\n" in first else Format.PLAIN
    return None
