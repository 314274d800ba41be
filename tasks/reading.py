"""
Which server a backup reads: of a pair the standby, so that the platform does not pay for it.

A standby that is not there, or not with its primary, is no reason to have no backup: then the primary is read.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from cutover.amounts import bytes_in_words
from cutover.errors import CutoverError, Finding
from cutover.hosts import census, standby
from cutover.hosts.census import Server
from cutover.hosts.connection import Connection
from cutover.hosts.database import SESSION_ERRORS, Login, connected
from cutover.hosts.operation import current
from cutover.inventory import Tenant
from cutover.products.omnileads.saved import Database
from tasks.step import step

PATIENCE = 60.0
"""Seconds a standby has to show what its primary had when the dump begins: longer than a query holds replay up."""

ONE_NODE = "nobody but a primary answers at postgres_ro_host"
LOOK = (
    "look at the standby: is it running, does it follow its primary? If it ends long queries because of a conflict with"
    " recovery, set hot_standby_feedback = on there"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """
    A server that a backup can read: how to log in, what it says of itself, and the bytes of the database.

    `primary` is how to log in at its primary, for a standby whose primary answers too.
    """

    login: Login
    server: Server
    size: int
    primary: Login | None = None


def database_login(tenant: Tenant, address: str) -> Login:
    """Return the login to the tenant's database at an address of its server."""
    v = tenant.variables
    return Login(address, v.postgres_port, v.postgres_user, v.postgres_password, v.postgres_database, v.postgres_ssl)


async def reading(tenant: Tenant, database: Database) -> tuple[Reading | None, tuple[Finding, ...]]:
    """Return the server to read, None when there is none, and what is to be said of that."""
    host, login = database.host.name, database_login(tenant, database.address)
    if database.primary is None:
        found = await database_usable(host, login, "postgres_host")
        return (None, (found,)) if isinstance(found, Finding) else (found, ())
    primary = database_login(tenant, database.primary)
    return of_pair(
        *await asyncio.gather(
            database_usable(host, login, "postgres_ro_host"), database_usable(host, primary, "postgres_host")
        )
    )


@step("preflight {variable}", timeout=60)
async def database_usable(host: str, login: Login, variable: str) -> Reading | Finding:
    """Log in to the database by way of the host that dumps it; return the server and the size, or why not."""
    where = f"database {login.database} at {login.address}:{login.port} from {host}"
    try:
        async with connected(await current().connection(host), login) as session:
            return Reading(login, await census.server(session), await census.size_of(session))
    except SESSION_ERRORS as error:
        todo = f"start PostgreSQL there; check {variable}, postgres_user, postgres_password and who may connect"
        return Finding("CUT-723", "the database cannot be used", where, str(error) or type(error).__name__, todo)


def of_pair(ro: Reading | Finding, rw: Reading | Finding) -> tuple[Reading | None, tuple[Finding, ...]]:
    """
    Choose between what answers at the address for reading and what answers at the one for writing.

    A standby is read; without one the server that the applications write to, with a warning. A standby that cannot be
    compared with its primary is read with a warning too.
    """
    if isinstance(rw, Reading) and not rw.server.standby:
        if isinstance(ro, Finding):
            return rw, (from_primary(rw.login, ro.why),)
        if not ro.server.standby:
            return rw, (from_primary(rw.login, ONE_NODE),)
        return replace(ro, primary=rw.login), ()
    if isinstance(ro, Reading):
        return ro, (_uncertain(ro, rw.why if isinstance(rw, Finding) else "a standby answers there"),)
    if isinstance(rw, Reading):
        return rw, (_uncertain(rw, ro.why),)
    return None, (ro, rw)


def from_primary(primary: Login, why: str) -> Finding:
    """Return the warning that the primary of a pair is read, and why the standby is not."""
    todo = "nothing, if the pair runs on one node just now" if why == ONE_NODE else LOOK
    where = f"postgres_host {primary.address}"
    return Finding("CUT-726", "the backup reads from the primary", where, why, todo, fatal=False)


def _uncertain(read: Reading, why: str) -> Finding:
    what, todo = "the backup may lack the newest changes", "look at the pair: which of the two is the primary?"
    where = f"database at {read.login.address}"
    why = f"it cannot be compared with a primary at postgres_host: {why}"
    return Finding("CUT-726", what, where, why, todo, fatal=False)


async def demand_level(through: Connection, login: Login, primary: Login) -> None:
    """
    Wait until a standby shows all that its primary has now. Raises CutoverError (CUT-721) when it does not in time.

    Replication can stand still for days without anybody noticing; a dump of such a standby is whole, and old.
    """
    async with connected(through, primary) as there, connected(through, login) as here:
        behind = await standby.follow(here, await standby.position(there), PATIENCE)
    if behind:
        newest = (
            f"its newest change is of {behind.newest:%Y-%m-%d %H:%M:%S %Z}" if behind.newest else "it saw no change"
        )
        how = "is behind its primary" if behind.follows else "has stopped following its primary"
        why = f"it lacks {bytes_in_words(behind.lacks)} of the log, {newest}"
        where = f"database at {login.address}"
        raise CutoverError(Finding("CUT-721", f"the standby {how}", where, why, LOOK))
