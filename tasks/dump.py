"""The database: dumped and counted in one snapshot, at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from prefect.logging import get_run_logger

from cutover.errors import CutoverError, Finding
from cutover.hosts import census, postgres
from cutover.hosts.census import Facts, Snapshot
from cutover.hosts.database import SESSION_ERRORS
from cutover.hosts.operation import current
from cutover.storage.keys import Kind
from cutover.storage.manifest import Census, Stored
from tasks.backup_preflight import Source
from tasks.reading import demand_level, from_primary
from tasks.shipment import Part, Shipment
from tasks.step import step

L = TypeVar("L")
R = TypeVar("R")

LONGEST = 23 * 3600
"""Seconds a stream may take: what is signed for it can be used for a day."""

UNREAD = ("CUT-711", "CUT-721")
"""Codes of a server that did not give what it was asked for, or not to the end."""


@step("database of {host}", retries=0, timeout=LONGEST)
async def save_database(host: str, source: Source, shipment: Shipment) -> tuple[Stored, Census]:
    """
    Dump the database in a snapshot, and take its census in the same one.

    A standby has to be level with its primary first; what cannot be read from it, is read from the primary, with a
    warning. Raises CutoverError: what `Shipment.send` raises, or the session was lost or refused (CUT-721), or the
    database is empty (CUT-723): a backup of nothing is none (W03).
    """
    try:
        return await _read(host, source, shipment)
    except CutoverError as error:
        if source.primary is None or error.findings[0].code not in UNREAD:
            raise
        warning = from_primary(source.primary, f"{error.findings[0].what}: {error.findings[0].why}")
    get_run_logger().warning("%s", warning)
    shipment.warnings.append(warning)
    return await _read(host, replace(source, login=source.primary, primary=None), shipment)


async def _read(host: str, source: Source, shipment: Shipment) -> tuple[Stored, Census]:
    where = f"database {source.login.database} at {source.login.address} from {host}"
    try:
        through = await current().connection(host)
        if source.primary:
            await demand_level(through, source.login, source.primary)
        async with census.snapshot(through, source.login) as moment:
            await _demand_tables(moment, where)
            counted = shipment.unless_stopped(f"database of {host}", census.census(moment.session))
            stored, facts = await both(shipment.send(_part(host, source, moment)), counted)
    except SESSION_ERRORS as error:
        todo = "see what PostgreSQL says in its log; then run the same command again"
        why = str(error) or type(error).__name__
        raise CutoverError(Finding("CUT-721", "the database could not be read", where, why, todo)) from error
    return stored, as_census(facts)


def _part(host: str, source: Source, moment: Snapshot) -> Part:
    lines = tuple(postgres.dump_lines(source.image, source.login, moment.name))
    files = {postgres.PGPASS: postgres.pgpass(source.login)}
    return Part(Kind.DATABASE, "database", host, lines, moment.size, files=files)


async def _demand_tables(moment: Snapshot, where: str) -> None:
    if not await moment.session.fetch(census.TABLES):
        why, todo = "there is not a single table in it", "check postgres_database, and whether the tenant is installed"
        raise CutoverError(Finding("CUT-723", "there is nothing to save in the database", where, why, todo))


def as_census(facts: Facts) -> Census:
    """Return what was counted as a manifest has it."""
    return Census(
        tables=dict(facts.tables),
        newest_call=facts.newest_call,
        identity=facts.identity,
        extensions=list(facts.extensions),
        size=facts.size,
    )


async def both(left: Coroutine[Any, Any, L], right: Coroutine[Any, Any, R]) -> tuple[L, R]:
    """Do two things at the same time and return what both gave; when one of them fails the other is ended first."""
    first, second = asyncio.create_task(left), asyncio.create_task(right)
    try:
        done, _ = await asyncio.wait({first, second}, return_when=asyncio.FIRST_EXCEPTION)
        for each in done:
            each.result()
        return first.result(), second.result()
    finally:
        pending = [each for each in (first, second) if not each.done()]
        for each in pending:
            each.cancel()
        if pending:
            await asyncio.wait(pending)
