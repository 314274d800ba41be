"""
The recordings and prompts of a tenant's own bucket: which of them still have to be copied, and the index of a backup.

What was copied stands in a ledger beside the copies, so that the next backup copies only what is new. The ledger is
no part of any backup: without it everything is copied again, and nothing is lost.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from cutover.storage.keys import BACKUPS
from cutover.storage.store import Listed

LEDGER = "backup/media.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Medium:
    """One object of the tenant's bucket; `sha256` is None where nobody has read it: it stays where it is."""

    key: str
    size: int
    etag: str
    sha256: str | None = None


def media(found: Iterable[Listed]) -> dict[str, Medium]:
    """Return a tenant's own objects by key, given everything in its bucket: all but the backups."""
    return {
        each.key: Medium(each.key, each.size, each.etag)
        for each in found
        if not each.key.startswith(BACKUPS) and not each.key.endswith("/")
    }


def still_copied(
    wanted: Mapping[str, Medium], ledger: Mapping[str, Medium], there: Mapping[str, int]
) -> dict[str, Medium]:
    """
    Return those of the wanted objects that need not be copied again, with the SHA-256 they were copied with.

    They stand in the ledger with the same size and etag, and the target has them (`there`: sizes by key).
    """
    return {
        key: ledger[key]
        for key, medium in wanted.items()
        if key in ledger
        and (ledger[key].size, ledger[key].etag) == (medium.size, medium.etag)
        and there.get(key) == medium.size
    }


def lines(objects: Iterable[Medium]) -> bytes:
    """Return objects as an index: a JSON object a line, in the order of their keys."""
    return b"".join(
        json.dumps(asdict(each), ensure_ascii=False).encode() + b"\n" for each in sorted(objects, key=lambda m: m.key)
    )


def parse(content: bytes) -> dict[str, Medium]:
    """Return the objects of an index by key; raises ValueError when it is none."""
    try:
        read = (Medium(**json.loads(line)) for line in content.splitlines() if line)
        return {medium.key: medium for medium in read}
    except (TypeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error


def packed_ledger(objects: Iterable[Medium]) -> bytes:
    """Return the ledger as it is stored."""
    return gzip.compress(lines(objects), 3, mtime=0)


def parse_ledger(content: bytes) -> dict[str, Medium]:
    """Return the objects of a stored ledger; none when it cannot be read: then everything is copied again."""
    try:
        return parse(gzip.decompress(content))
    except (ValueError, OSError, EOFError):
        return {}
