"""
What restores, upgrades and rollbacks have put aside, databases and folders, and how it is let go: when an operator says
so, or in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from prefect.artifacts import acreate_markdown_artifact

from cutover.amounts import bytes_in_words
from cutover.errors import CutoverError
from cutover.hosts import swap
from cutover.hosts.restoring import Beside, Found
from cutover.hosts.swap import Names
from cutover.inventory import Tenant
from cutover.products.omnileads import saved
from tasks.artifacts import ResultRow, key
from tasks.every import every
from tasks.report import Report, finding_row
from tasks.restore_databases import server_session
from tasks.restore_plan import Server, server_of
from tasks.restore_settle import look_at_folders, remove_folders
from tasks.step import step


@dataclass(frozen=True, slots=True)
class Former:
    """What one change has put aside: its time, the database (bytes, None where there is none), folders by host."""

    stamp: str
    database: int | None
    folders: Mapping[str, tuple[Beside, ...]]

    @property
    def at(self) -> datetime:
        """When that change began."""
        return datetime.strptime(self.stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return (self.database or 0) + sum(each.size for beside in self.folders.values() for each in beside)

    def __str__(self) -> str:
        count = sum(map(len, self.folders.values()))
        parts = [*(["a database"] if self.database is not None else []), *([f"{count} folders"] if count else [])]
        return f"{' and '.join(parts)} from before the change of {self.at:%Y-%m-%d %H:%M} UTC"


async def formers(tenant: Tenant) -> tuple[Former, ...]:
    """Return what restores of a tenant have put aside, oldest first."""
    server = server_of(tenant, str(saved.database(tenant).image))
    databases = await former_databases(server.host, server)
    found = await look_at_folders(tenant, (host.name for host in tenant.hosts))
    stamps = {*databases, *(each.stamp for one in found.values() for each in one.beside if each.kind == "old")}
    return tuple(Former(stamp, databases.get(stamp), _of(found, stamp)) for stamp in sorted(stamps))


def _of(found: Mapping[str, Found], stamp: str) -> dict[str, tuple[Beside, ...]]:
    beside = {
        host: tuple(each for each in one.beside if (each.kind, each.stamp) == ("old", stamp))
        for host, one in found.items()
    }
    return {host: each for host, each in beside.items() if each}


@step("former databases of {host}", timeout=120)
async def former_databases(host: str, server: Server) -> dict[str, int]:
    """Return the sizes of the databases that restores have put aside, by stamp."""
    async with server_session(server) as session:
        there = await swap.look(session, server.login.database)
        return {stamp: await swap.size(session, Names(server.login.database, stamp).old) for stamp in there.old}


def expired(found: Iterable[Former], days: int, now: datetime) -> tuple[Former, ...]:
    """Return those that were put aside more than so many days ago."""
    return tuple(former for former in found if now - former.at > timedelta(days=days))


async def release(tenant: Tenant, former: Former, report: Report) -> None:
    """Remove what one restore has put aside, for ever."""
    server = server_of(tenant, str(saved.database(tenant).image))
    if former.database is not None:
        await drop_former(server.host, server, Names(server.login.database, former.stamp))
    await every(former.folders, lambda host: remove_folders(host, former.folders[host]))
    words = f"{former}, {bytes_in_words(former.size)}"
    report.add([ResultRow(server.host, former.stamp, "release", "ok", None, words)])


@step("release old database of {host}", timeout=600)
async def drop_former(host: str, server: Server, names: Names) -> None:
    """Remove one database that a restore has put aside."""
    async with server_session(server) as session:
        await swap.drop(session, names.old)


async def release_expired(tenant: Tenant, report: Report) -> None:
    """
    Remove what restores have put aside longer ago than `restore_keep_days` of the inventory.

    The calling operation holds the tenant's lease. What was removed becomes a row of the report, as does a database
    server that does not answer: it is asked again the next time.
    """
    try:
        found = await formers(tenant)
        for former in expired(found, tenant.variables.restore_keep_days, datetime.now(UTC)):
            await release(tenant, former, report)
    except CutoverError as error:
        report.add(finding_row(replace(finding, fatal=False)) for finding in error.findings)


def as_markdown(tenant: Tenant, found: Iterable[Former]) -> str:
    """Return what was put aside as a person reads it before it is removed for ever."""
    lines = [f"- {former}: {bytes_in_words(former.size)}" for former in found]
    days = f"Each is removed by itself {tenant.variables.restore_keep_days} days after that change."
    return "\n".join((f"# Former state of {tenant.name}\n", *(lines or ["There is none."]), "", days))


async def publish(tenant: Tenant, found: Iterable[Former]) -> str:
    """Show in the UI what was put aside, and return it as Markdown."""
    text = as_markdown(tenant, found)
    await acreate_markdown_artifact(text, key=key("plan", tenant.name), description="what restores have put aside")
    return text
