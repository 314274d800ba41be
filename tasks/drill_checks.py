"""
What a drill looks at: the restored database, and every other object of the backup.

Of the objects that a manifest names every byte is read and compared with its SHA-256; archives are listed to their end.
Of recordings that were copied all sizes are compared and some, chosen by chance, are read whole: all of them are too
many for every week, and each was compared when it was copied. Recordings that stay in the tenant's own bucket are only
looked up: they come and go with the tenant, so one that is gone is told, and proves nothing against the backup.
"""

from __future__ import annotations

import asyncio
import gzip
import random
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from cutover.errors import CutoverError, Finding
from cutover.hosts import census
from cutover.hosts.database import session_without_deadline
from cutover.hosts.objects import objects
from cutover.hosts.operation import current
from cutover.products.omnileads.proving import USERS, needs_plperl, required
from cutover.storage.catalogue import Backup
from cutover.storage.keys import Kind
from cutover.storage.media import Medium, media, parse
from cutover.storage.proving import LOST, Check, application, compare
from cutover.storage.store import Store
from tasks.delivery import Parcel, codec_for, deliver, parcel
from tasks.dump import LONGEST, as_census
from tasks.load import Target
from tasks.step import step

_ARCHIVE = ("tar --list --file=- >/dev/null",)
_WHOLE = ("cat >/dev/null",)
_INDEX = (
    "gzip -1 >index.gz",
    # what the courier says of a failure stays
    'grep -qs \'"problem"\' result || printf \'{"index": "%s"}\' "$(base64 --wrap=0 index.gz)" >result',
)
READ = {
    Kind.ASTERISK: _ARCHIVE,
    Kind.CONFIGURATION: _ARCHIVE,
    Kind.INVENTORY: _ARCHIVE,
    Kind.REDIS: ('[ "$(head --bytes=5)" = REDIS ] || { echo "this is no image of a Redis" >&2; exit 1; }', *_WHOLE),
    Kind.MEDIA: _INDEX,
}
"""What reads each kind of object but the database, on the host."""

SAMPLE = 12
"""How many copied recordings are read whole."""

SAMPLED = 16 * (1 << 20)
"""Bytes up to which a recording is read by the controller."""

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found in a restored database: the server's version, tables and rows, and how they compare."""

    postgres: str
    tables: int
    rows: int
    checks: tuple[Check, ...]


@step("count on {host}", timeout=LONGEST)
async def count(host: str, target: Target, backup: Backup) -> Counted:
    """Take a census of what was loaded, and compare it with the manifest and with what the application needs."""
    async with session_without_deadline(await current().connection(host), target.login) as session:
        found = as_census(await census.census(session))
        present, server = await objects(session), await census.server(session)
    checks = application(required(needs_plperl(backup.release, current().tenant)), present, USERS, found)
    checks += compare(backup.manifest.census, found) if backup.manifest else []
    return Counted(server.version, len(found.tables), found.rows, tuple(checks))


@step("{wanted.what}", retries=0, timeout=LONGEST)
async def read_whole(store: Store, host: str, wanted: Parcel, kind: Kind) -> list[Check]:
    """
    Read one object of a backup to its end on the host, and, of an index of recordings, what it names.

    Raises CutoverError when the object is damaged (CUT-715 to CUT-717) or not what it should be (CUT-718, CUT-719).
    """
    state = await deliver(store, host, wanted, READ[kind])
    read = Check(wanted.what, f"{wanted.size} bytes", "read whole, SHA-256 equal", ok=True)
    if kind is not Kind.MEDIA:
        return [read]
    index = parse(gzip.decompress(b64decode(state.result["index"])))
    return [read, *await recordings(store, index)]


async def recordings(store: Store, index: Mapping[str, Medium]) -> list[Check]:
    """Return the checks of recordings and prompts against their index: all sizes, and the content of some."""
    there = {key: medium.size for key, medium in media(await store.listed("")).items()}
    gone = sorted(key for key, medium in index.items() if there.get(key) != medium.size)
    found = f"{len(index) - len(gone)} of them" + (f", without {_some(gone)}" if gone else "")
    checks = [Check("recordings", f"{len(index)} in their sizes", found, not gone or store.place.own, LOST)]
    readable = [each for each in index.values() if each.sha256 and each.size <= SAMPLED and each.key not in gone]
    chosen = random.sample(readable, min(SAMPLE, len(readable)))
    if chosen:
        contents = await asyncio.gather(*(store.get(each.key) for each in chosen))
        changed = [one.key for one, content in zip(chosen, contents, strict=True) if _digest(content) != one.sha256]
        said = f"without {_some(changed)}" if changed else f"{len(chosen)} equal"
        checks.append(Check("recordings, by chance", f"{len(chosen)} equal", said, not changed, LOST))
    return checks


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:SHOWN]) + (f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else "")


async def others(store: Store, host: str, backup: Backup) -> list[Check]:
    """
    Read everything of a backup but its database, one after the other, and return the checks.

    Raises CutoverError with everything that is damaged.
    """
    checks: list[Check] = []
    findings: list[Finding] = []
    for wanted, kind in _others(backup):
        try:
            checks += await read_whole(store, host, wanted, kind)
        except CutoverError as error:
            findings += error.findings
    if findings:
        raise CutoverError(findings)
    return checks or [await _old_files(store, backup)]


def _others(backup: Backup) -> Iterable[tuple[Parcel, Kind]]:
    if backup.manifest is not None:
        codec = codec_for(backup.manifest, current().tenant)
        for stored in backup.manifest.objects:
            if stored.kind is not Kind.DATABASE:
                yield parcel(stored, codec), stored.kind


async def _old_files(store: Store, backup: Backup) -> Check:
    """Of an old backup's files nothing is known that they could be compared with."""
    files = await store.listed(backup.asterisk_prefix) if backup.asterisk_prefix else []
    return Check("files of Asterisk", "nothing is on record", f"{len(files)} in the bucket", ok=True)
