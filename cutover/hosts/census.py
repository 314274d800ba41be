"""
What is in a database at one moment: the census that a backup is later compared with.

Invariant: census and dump speak of the same moment. A snapshot is exported by a session that stays open, the dump
reads in that snapshot, and the census is taken in the session itself; so writers never make the two differ.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cutover.hosts.connection import Connection
from cutover.hosts.database import Login, Session, session_without_deadline

CALLS = "public.queue_log"
USERS = "public.ominicontacto_app_user"
USERS_IN_ORDER = "select id, username, date_joined from public.ominicontacto_app_user order by id"
COLUMNS = "select attname from pg_attribute where attrelid = $1::text::regclass and attnum > 0 and not attisdropped"

# A standby cannot read unlogged tables, and a dump made there leaves their rows out.
TABLES = """
select format('%I.%I', n.nspname, c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence <> 't' and not (c.relpersistence = 'u' and pg_is_in_recovery())
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (
    select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
order by 1
"""
"""Tables of users in all schemas, quoted as SQL wants them; those of extensions are the extensions' matter."""


@dataclass(frozen=True, slots=True)
class Server:
    """What a PostgreSQL server says of itself: `version` like "15.13", and whether it is a standby."""

    version: str
    standby: bool

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.version.partition(".")[0])


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What is in a database: rows by table ("schema.table", quoted where SQL wants it), the newest call on record, a
    digest of its users, its extensions, and its size in bytes.
    """

    tables: Mapping[str, int]
    newest_call: datetime | None
    identity: str
    extensions: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment of a database, open for as long as its session: `name` is what pg_dump takes for --snapshot."""

    session: Session
    name: str
    server: Server
    size: int


async def server(session: Session) -> Server:
    """Return what the server says of itself."""
    version = await session.fetchval("select current_setting('server_version')")
    return Server(str(version).partition(" ")[0], bool(await session.fetchval("select pg_is_in_recovery()")))


async def size_of(session: Session) -> int:
    """Return the bytes that the session's database takes on its server's disk."""
    return int(await session.fetchval("select pg_database_size(current_database())"))


@asynccontextmanager
async def snapshot(through: Connection, login: Login) -> AsyncIterator[Snapshot]:
    """Export a snapshot by way of a host. Raises asyncpg's errors, OSError and TimeoutError as they come."""
    async with session_without_deadline(through, login) as session:
        await session.execute("begin isolation level repeatable read read only")
        name = await session.fetchval("select pg_export_snapshot()")
        # Beside the dump the census takes one core at most.
        await session.execute("set local max_parallel_workers_per_gather = 0")
        yield Snapshot(session, str(name), await server(session), await size_of(session))


async def census(session: Session) -> Facts:
    """Count what is in the session's database, as its transaction sees it."""
    names = [str(row[0]) for row in await session.fetch(TABLES)]
    tables = {name: int(await session.fetchval(f"select count(*) from {name}")) for name in names}  # noqa: S608
    return Facts(
        tables=tables,
        newest_call=await _newest_call(session) if CALLS in tables else None,
        identity=await _identity(session, tables),
        extensions=tuple(str(row[0]) for row in await session.fetch("select extname from pg_extension order by 1")),
        size=await size_of(session),
    )


async def _newest_call(session: Session) -> datetime | None:
    if "time" not in await _columns(session, CALLS):
        return None
    newest = await session.fetchval("select max(time) from public.queue_log")
    if not isinstance(newest, datetime):
        return None
    return newest.astimezone(UTC) if newest.tzinfo else newest.replace(tzinfo=UTC)


async def _identity(session: Session, tables: Iterable[str]) -> str:
    """Whose database it is: its users, which no other tenant has alike; without users, the names of its tables."""
    if USERS in tables and {"id", "username", "date_joined"} <= await _columns(session, USERS):
        rows = await session.fetch(USERS_IN_ORDER)
        parts = [f"{row[0]} {row[1]} {row[2].isoformat()}" for row in rows]
    else:
        parts = list(tables)
    return sha256("\n".join(parts).encode()).hexdigest()


async def _columns(session: Session, table: str) -> set[str]:
    return {str(row[0]) for row in await session.fetch(COLUMNS, table)}
