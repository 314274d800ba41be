"""PostgreSQL as a host sees it: a session through the host's SSH connection, so nothing is installed there for it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import asyncpg

from cutover.hosts.connection import Connection
from cutover.secret import Secret

Session: TypeAlias = "asyncpg.Connection[Any]"

SESSION_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a session raises that was refused, broke or was ended; the last when it is ended between two messages."""

LOGIN_PATIENCE = 15
"""Seconds that a server has to let somebody in."""


@dataclass(frozen=True, slots=True)
class Login:
    """
    Where a database is, as seen from the host, and who logs in.

    With `waits` off its commits are done when the server itself has them, also where a standby has to have them too.
    """

    address: str
    port: int
    user: str
    password: Secret
    database: str
    ssl: bool = False
    waits: bool = True

    def to(self, database: str) -> Login:
        """Return the same login for another database of the server."""
        return replace(self, database=database)


@asynccontextmanager
async def connected(through: Connection, login: Login) -> AsyncIterator[Session]:
    """Open a session by way of a host. Raises asyncpg's errors, OSError and TimeoutError as they come."""
    async with through.tunnel(login.address, login.port) as port:
        session = await _connect(port, login, command_timeout=60)
        try:
            yield session
        finally:
            await session.close(timeout=5)


@asynccontextmanager
async def session_without_deadline(through: Connection, login: Login) -> AsyncIterator[Session]:
    """
    Open a session by way of a host whose statements may take as long as they need.

    A session that broke meanwhile is left without a word: who still needed it has had an error of its own.
    """
    settings = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
    if not login.waits:
        settings["synchronous_commit"] = "local"
    async with through.tunnel(login.address, login.port) as port:
        session = await _connect(port, login, server_settings=settings)
        try:
            yield session
        finally:
            with contextlib.suppress(*SESSION_ERRORS):
                await session.close(timeout=5)


async def _connect(port: int, login: Login, **options: Any) -> Session:
    """Log in; where nobody answers, the error says so in words (asyncpg sees a tunnel that closes, or is silent)."""
    try:
        session: Session = await asyncpg.connect(
            host="127.0.0.1",
            port=port,
            user=login.user,
            password=login.password.reveal(),
            database=login.database,
            ssl="require" if login.ssl else "prefer",
            timeout=LOGIN_PATIENCE,
            **options,
        )
    except (ConnectionError, asyncpg.ConnectionDoesNotExistError) as error:
        raise ConnectionError(f"no PostgreSQL answers at {login.address}:{login.port}") from error
    except TimeoutError as error:
        where = f"{login.address}:{login.port}"
        raise TimeoutError(f"no PostgreSQL answers at {where} within {LOGIN_PATIENCE} s") from error
    return session


async def ensure_database(session: Session, name: str) -> bool:
    """Create a database if there is none of that name; return whether it was created."""
    if await session.fetchval("select 1 from pg_database where datname = $1", name):
        return False
    quoted = await session.fetchval("select quote_ident($1)", name)
    await session.execute(f"create database {quoted}")
    return True


async def ensure_extension(session: Session, name: str) -> None:
    """Create an extension in the session's database if it is not there."""
    quoted = await session.fetchval("select quote_ident($1)", name)
    await session.execute(f"create extension if not exists {quoted}")
