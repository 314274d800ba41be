"""What is in a database besides rows: its tables, extensions, functions and triggers, as words that can be compared."""

from __future__ import annotations

from cutover.hosts.database import Session

_OBJECTS = """
select 'table ' || schemaname || '.' || tablename from pg_tables
where schemaname not in ('pg_catalog', 'information_schema')
union select 'extension ' || extname from pg_extension
union select 'function ' || proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname not in ('pg_catalog', 'information_schema')
union select 'trigger ' || tgname || ' on ' || relname from pg_trigger t join pg_class c on c.oid = t.tgrelid
where not tgisinternal
"""


async def objects(session: Session) -> frozenset[str]:
    """Return the objects of a database, e.g. "table public.queue_log", "trigger trigger_queue_log on queue_log"."""
    return frozenset(str(row[0]) for row in await session.fetch(_OBJECTS))
