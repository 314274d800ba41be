"""A dump of any format from the store into a server that a host reaches, by PostgreSQL's own tools on that host."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cutover.errors import CutoverError, Finding
from cutover.hosts import postgres
from cutover.hosts.courier import Codec
from cutover.hosts.database import Login
from cutover.hosts.job import JobState
from cutover.inventory import Tenant
from cutover.storage.catalogue import Backup
from cutover.storage.format import Format
from cutover.storage.keys import Kind
from cutover.storage.store import Store
from tasks.delivery import Parcel, codec_for, deliver, parcel
from tasks.throughput import Throughput

_SERVER = re.compile(rb"-- Dumped from database version (\d+)")


@dataclass(frozen=True, slots=True)
class Dump:
    """
    The database of a backup, ready to be loaded.

    `plain` says that it is SQL. `size` is about how many bytes the database will take on a disk. `major` is the
    PostgreSQL it was dumped from, None where an old dump does not say.
    """

    parcel: Parcel
    plain: bool
    size: int
    major: int | None


@dataclass(frozen=True, slots=True)
class Target:
    """An empty database: the host that reaches it, the login there, and the image (by digest) whose tools load it."""

    host: str
    login: Login
    image: str


async def dump_of(store: Store, backup: Backup, tenant: Tenant) -> Dump:
    """
    Return the database of a complete backup of either tool.

    Raises CutoverError when it is encrypted and the inventory's key does not open it, or when it is gone (CUT-792).
    """
    manifest = backup.manifest
    if manifest is None:
        return await _old_dump(store, backup)
    databases = manifest.of(Kind.DATABASE)
    if not databases:
        todo = "take another backup"
        raise CutoverError(Finding("CUT-733", "there is no database in the backup", backup.id, "", todo))
    major = int(manifest.postgres.partition(".")[0])
    wanted = parcel(databases[0], codec_for(manifest, tenant))
    return Dump(wanted, plain=False, size=manifest.census.size, major=major)


async def _old_dump(store: Store, backup: Backup) -> Dump:
    """An old dump is packed as it came; how large its database is can only be guessed from it."""
    key = str(backup.database_key)
    head = await store.head(key)
    if head is None:
        raise CutoverError(Finding("CUT-792", "an object is missing", key, "", "look at the bucket for who deleted it"))
    server = _SERVER.search(await store.peek(key))
    plain = backup.format is not Format.CUSTOM
    codec = Codec(zstd=False, crlf=backup.format is Format.PLAIN_CRLF)
    return Dump(
        Parcel("database", key, head.size, None, codec),
        plain=plain,
        size=head.size * (3 if plain else 12),
        major=int(server[1]) if server else None,
    )


async def load(store: Store, dump: Dump, target: Target, throughput: Throughput) -> None:
    """Load a dump; the first error in it ends the loading. Raises CutoverError with the cause (CUT-71x)."""

    async def seen(state: JobState) -> None:
        await throughput.seen("database", state.progress)

    lines = postgres.load_lines(target.image, target.login, dump.plain)
    files = {postgres.PGPASS: postgres.pgpass(target.login)}
    await deliver(store, target.host, dump.parcel, lines, files=files, seen=seen)
    await throughput.seen("database", dump.parcel.size)
