"""Sessions with the tenant's database server during a restore; PostgreSQL's errors become ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cutover.errors import CutoverError, Finding
from cutover.hosts.database import SESSION_ERRORS, Session, session_without_deadline
from cutover.hosts.operation import current
from tasks.restore_plan import Server


@asynccontextmanager
async def server_session(server: Server, database: str = "") -> AsyncIterator[Session]:
    """
    Open a session with one of the server's databases, by default with the one for what concerns all of them.

    Raises CutoverError (CUT-764) for whatever PostgreSQL or the way to it says.
    """
    login = server.login.to(database or server.maintenance)
    try:
        async with session_without_deadline(await current().connection(server.host), login) as session:
            yield session
    except SESSION_ERRORS as error:
        why = str(error) or type(error).__name__
        todo = "see that PostgreSQL runs and what its log says, then run the same command again"
        where = f"database {login.database} at {server.where}"
        raise CutoverError(Finding("CUT-764", "the database server did not do it", where, why, todo)) from error
