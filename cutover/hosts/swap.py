"""
A restored database takes the place of the one that serves, by renaming both; and the way back.

Invariant: `<db>` is at any time the old database or the restored one, whole. The names tell which: while
`<db>_old_<stamp>` exists, `<db>` is what the restore of that stamp has made; `<db>_new_<stamp>` serves nobody. Both
renames are one transaction, so whoever looks later, after a death at any point, reads the truth from the names alone.

Where several hosts can swap back, the database itself says when nobody may any more: `<db>_old_<stamp>` is then sealed,
by a comment, which every way back reads in the transaction that would rename.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg

from cutover.hosts.database import Session

LONGEST = 63
"""Bytes that PostgreSQL takes for a name; it cuts longer ones, which would make two names one."""

STAMP = r"\d{14}"
"""A restore's stamp: its time in UTC, `20261120021503`."""


@dataclass(frozen=True, slots=True)
class Names:
    """The database that applications use, and what stands beside it during and after a restore."""

    database: str
    stamp: str

    @property
    def new(self) -> str:
        """Where the backup is loaded."""
        return f"{self.database}_new_{self.stamp}"

    @property
    def old(self) -> str:
        """What served before."""
        return f"{self.database}_old_{self.stamp}"

    @property
    def seal(self) -> str:
        """The comment on the former database by which nobody goes back to it by himself any more."""
        return f"Cutover: confirmed {self.stamp}"

    @property
    def fit(self) -> bool:
        """Whether PostgreSQL takes them uncut."""
        return len(self.old.encode()) <= LONGEST


@dataclass(frozen=True, slots=True)
class Standing:
    """What a server has: the database itself, restored ones that serve nobody, and former ones, by stamp."""

    current: bool
    new: tuple[str, ...]
    old: tuple[str, ...]


def standing(database: str, names: Iterable[str]) -> Standing:
    """Given the names of all databases of a server, return how things stand with one of them."""
    names = frozenset(names)

    def stamps(kind: str) -> tuple[str, ...]:
        form = re.compile(rf"{re.escape(database)}_{kind}_({STAMP})")
        return tuple(sorted(found[1] for name in names if (found := form.fullmatch(name))))

    return Standing(database in names, stamps("new"), stamps("old"))


async def look(session: Session, database: str) -> Standing:
    """Ask a server how things stand with a database."""
    return standing(database, [row["datname"] for row in await session.fetch("select datname from pg_database")])


async def size(session: Session, database: str) -> int:
    """Return the size of a database in bytes, 0 when there is none of that name."""
    asked = "select pg_database_size(oid) from pg_database where datname = $1"
    return int(await session.fetchval(asked, database) or 0)


async def create_beside(session: Session, names: Names) -> None:
    """
    Create the empty database that the backup is loaded into, with encoding, locale and settings of the one it is for.

    Where that one is missing it gets the server's own.
    """
    like = await session.fetchrow(
        "select pg_encoding_to_char(encoding) as encoding, datcollate, datctype from pg_database where datname = $1",
        names.database,
    )
    locale = (
        f" encoding {_literal(like['encoding'])} lc_collate {_literal(like['datcollate'])}"
        f" lc_ctype {_literal(like['datctype'])}"
        if like
        else ""
    )
    await session.execute(f"create database {_name(names.new)} template template0{locale}", timeout=300)
    await _copy_settings(session, names.database, names.new)


async def _copy_settings(session: Session, database: str, to: str) -> None:
    """Say of another database what `alter database … set` was said of this one; neither dump nor template holds it."""
    asked = (
        "select unnest(setconfig) as setting from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase"
        " where s.setrole = 0 and d.datname = $1"
    )
    for row in await session.fetch(asked, database):
        variable, _, value = row["setting"].partition("=")
        await session.execute(f"alter database {_name(to)} set {_name(variable)} to {_literal(value)}")


async def set_aside(session: Session, names: Names) -> None:
    """
    Keep the database under its other name and put a copy of it, made from its files, in its place.

    Whoever is connected is disconnected, and finds no database until the copy is there. `swap_back` undoes it from any
    point on; running it again goes on where it stopped.
    """
    found = await look(session, names.database)
    if names.stamp not in found.old:
        await _renamed(session, _statement(_rename(names.database, names.old)), tries=5)
    if not found.current or names.stamp not in found.old:
        await drop(session, names.new)
        await session.execute(_statement(_disconnect(names.old)))
        await session.execute(f"create database {_name(names.new)} template {_name(names.old)}")
        await _copy_settings(session, names.old, names.new)
        await _renamed(session, _statement(_rename(names.new, names.database)), tries=5)


async def swap(session: Session, names: Names, *, tries: int = 5) -> None:
    """
    Put the restored database in the place of the one that serves, which keeps standing under its other name.

    Whoever is still connected to either is disconnected; somebody who comes back at once is disconnected again, as
    often as `tries` says. Raises asyncpg's errors; nothing is changed then.
    """
    await _renamed(session, swap_statement(names), tries)


async def swap_back(session: Session, names: Names, *, tries: int = 5) -> None:
    """Undo `swap`; does nothing when there is nothing to undo."""
    await _renamed(session, swap_back_statement(names), tries)


async def _renamed(session: Session, statement: str, tries: int) -> None:
    for left in reversed(range(tries)):
        try:
            await session.execute(statement, timeout=60)
            return
        except asyncpg.ObjectInUseError:
            if not left:
                raise
            await asyncio.sleep(1)


def swap_statement(names: Names) -> str:
    """Return the statement that swaps; it is one transaction by itself."""
    move_away = f"if {_exists(names.database)} then {_rename(names.database, names.old)} end if;"
    return _statement(f"{move_away} {_rename(names.new, names.database)}")


def swap_back_statement(names: Names) -> str:
    """Return the statement that swaps back if the old database is there, and otherwise does nothing."""
    return _back_statement(names, names.new)


async def swap_former(session: Session, former: Names, names: Names, *, tries: int = 5) -> None:
    """Have the database that `former` keeps serve again; the one that serves is kept by `names`."""
    await _renamed(session, swap_former_statement(former, names), tries)


async def swap_former_back(session: Session, former: Names, names: Names, *, tries: int = 5) -> None:
    """Undo `swap_former`; does nothing when there is nothing to undo."""
    await _renamed(session, swap_former_back_statement(former, names), tries)


def swap_former_statement(former: Names, names: Names) -> str:
    """Return the statement that lets a former database serve again; it is one transaction by itself."""
    move_away = f"if {_exists(names.database)} then {_rename(names.database, names.old)} end if;"
    exchange = f"{move_away} {_rename(former.old, names.database)}"
    return _statement(f"if {_exists(former.old)} then {exchange} end if;")


def swap_former_back_statement(former: Names, names: Names) -> str:
    """Return the statement that undoes it, if it was done, and otherwise does nothing."""
    return _back_statement(names, former.old)


def _back_statement(names: Names, away: str) -> str:
    """The kept database serves again if it is there, and the one that serves goes by the name `away`."""
    move_away = f"if {_exists(names.database)} then {_rename(names.database, away)} end if;"
    return _statement(f"if {_open(names)} then {move_away} {_rename(names.old, names.database)} end if;")


async def seal(session: Session, names: Names) -> bool:
    """Let nobody swap back any more; return False, having changed nothing, when somebody has done so already."""
    await session.execute(_statement(f"if {_exists(names.old)} then {_comment(names.old, names.seal)} end if;"))
    return names.stamp not in (await look(session, names.database)).new


async def unseal(session: Session, names: Names) -> None:
    """Let the database be swapped back again."""
    await session.execute(_statement(f"if {_exists(names.old)} then {_comment(names.old, None)} end if;"))


async def is_sealed(session: Session, names: Names) -> bool:
    """Return whether nobody may swap back any more."""
    return bool(await session.fetchval(sealed_question(names)))


def sealed_question(names: Names) -> str:
    """Return the query whose answer says whether nobody may swap back any more."""
    return f"select {_exists(names.old)} and not {_open(names)};"


async def drop(session: Session, name: str) -> None:
    """Remove a database, disconnecting whoever uses it; does nothing when there is none of that name."""
    await session.execute(_statement(_disconnect(name)))
    await session.execute(f"drop database if exists {_name(name)}", timeout=300)


def _statement(body: str) -> str:
    return f"do $cutover$ begin {body} end $cutover$;"


def _exists(name: str) -> str:
    return f"exists (select from pg_database where datname = {_literal(name)})"


def _open(names: Names) -> str:
    """Whether the former database is there and not sealed."""
    unsealed = f"shobj_description(oid, 'pg_database') is distinct from {_literal(names.seal)}"
    return f"exists (select from pg_database where datname = {_literal(names.old)} and {unsealed})"


def _comment(name: str, text: str | None) -> str:
    return f"comment on database {_name(name)} is {_literal(text) if text else 'null'};"


def _disconnect(name: str) -> str:
    return (
        "perform pg_terminate_backend(pid) from pg_stat_activity"
        f" where datname = {_literal(name)} and pid <> pg_backend_pid();"
    )


def _rename(name: str, to: str) -> str:
    return f"{_disconnect(name)} alter database {_name(name)} rename to {_name(to)};"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
