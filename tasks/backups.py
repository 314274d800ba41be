"""What is to be known of a tenant's backups at a glance, in one artifact of the Prefect UI."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from prefect.artifacts import acreate_markdown_artifact
from prefect.logging import get_run_logger

from cutover.amounts import age_in_words, bytes_in_words
from cutover.errors import CutoverError
from cutover.inventory import Tenant
from cutover.storage.catalogue import Backup, backups
from cutover.storage.manifest import Manifest
from cutover.storage.standing import newest_complete, newest_proven
from tasks.artifacts import counted, key, table
from tasks.report import Report
from tasks.stores import backup_store

SHOWN = 30
"""How many backups the artifact lists."""

HEAD = ("backup", "made", "size", "release", "complete", "proven")


async def announce(tenant: Tenant, report: Report, made: Manifest) -> None:
    """Conclude the run that made a backup, and show the tenant's backups as they are now: if that fails, so be it."""
    try:
        async with backup_store() as store:
            await publish_backups(tenant.name, await backups(store, tenant.name))
    except CutoverError as error:
        get_run_logger().warning("the backup is made, but the list of all backups cannot be shown: %s", error)
    size, seconds = bytes_in_words(made.size), (made.ended - made.begun).total_seconds()
    objects = counted(len(made.objects), "object")
    message = f"{made.id}: {objects}, {size} in {seconds:.0f} s; unproven until it is drilled"
    report.conclude("Completed", message, facts={"bytes": made.size})


async def publish_backups(tenant: str, found: Sequence[Backup]) -> None:
    """Show a tenant's backups in the UI, given all of them newest first."""
    now = datetime.now(UTC)
    await acreate_markdown_artifact(
        as_markdown(tenant, found, now), key=key("backups", tenant), description=in_short(found, now)
    )


def in_short(found: Sequence[Backup], now: datetime) -> str:
    """Return the newest complete backup, its age and its proof, and the newest proven one when that is an older one."""
    newest = newest_complete(found)
    if newest is None:
        return "there is no complete backup"
    said = f"newest: {newest.id}, {_age(newest.at, now)} old, {_proof(newest)}"
    proven = newest_proven(found)
    if newest.proven:
        return said
    return f"{said}; {f'newest proven: {proven.id}, {_age(proven.at, now)} old' if proven else 'none is proven'}"


def as_markdown(tenant: str, found: Sequence[Backup], now: datetime) -> str:
    """Return a tenant's backups as a person reads them, newest first."""
    rows = [
        (
            each.id,
            f"{_age(each.at, now)} ago",
            bytes_in_words(each.size) if each.size is not None else "",
            each.release or "",
            "yes" if each.complete else "**no**: " + "; ".join(problem.what for problem in each.problems),
            _proof(each),
        )
        for each in found[:SHOWN]
    ]
    more = [f"\n{len(found) - SHOWN} older ones are not shown."] if len(found) > SHOWN else []
    return "\n".join([f"# Backups of {tenant}", "", in_short(found, now), "", *table(HEAD, rows), *more])


def _proof(backup: Backup) -> str:
    if backup.proven:
        return f"proven {backup.proven:%Y-%m-%d %H:%M} UTC"
    return "**failed its last drill**" if backup.condemned else "unproven"


def _age(at: datetime | None, now: datetime) -> str:
    return age_in_words(now - at) if at else "?"
