"""List the backups of a tenant: age, size, release, complete or what is missing, proven when."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cutover.amounts import age_in_words, bytes_in_words
from cutover.cli import inventories
from cutover.cli.arguments import add_tenant, tenants_folder
from cutover.cli.exits import Exit
from cutover.cli.output import Output, as_data, columns

if TYPE_CHECKING:
    from cutover.inventory import Tenant
    from cutover.storage.catalogue import Backup
    from cutover.storage.place import Place

NAME = "backups"
HELP = "list a tenant's backups"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant."""
    add_tenant(parser)


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Read the bucket and show what lies there; `UNHEALTHY` unless there is a complete backup within its deadline."""
    import asyncio

    from cutover.storage.place import backup_place
    from cutover.storage.standing import doubts

    tenant = inventories.with_secrets(options.tenant, tenants_folder(options))
    place, now = backup_place(tenant), datetime.now(UTC)
    found = asyncio.run(_read(tenant, place))
    said = doubts(tenant.name, found, tenant.variables.backup_deadline_hours, now)
    code = Exit.UNHEALTHY if any(finding.fatal for finding in said) else Exit.OK
    output.say(f"{place.name}: {len(found)} backups")
    if found:
        output.say(table(found, now))
    output.findings(said)
    entries = [_entry(each, now) for each in found]
    document = {"tenant": tenant.name, "place": place.name, "backups": entries, "findings": as_data(said)}
    output.document({"ok": code is Exit.OK, "exit": code, **document})
    return code


async def _read(tenant: Tenant, place: Place) -> tuple[Backup, ...]:
    """Return the backups; a MinIO of the tenant's own is reached by way of its host."""
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    from cutover.hosts.connection import Connections
    from cutover.storage.catalogue import backups
    from cutover.storage.store import opened

    async with Connections(tenant) as connections:

        @asynccontextmanager
        async def tunnel(host: str, address: str, port: int) -> AsyncIterator[int]:
            async with (await connections.to(host)).tunnel(address, port) as local:
                yield local

        async with opened(place, tunnel) as store:
            return await backups(store, tenant.name)


def table(found: Sequence[Backup], now: datetime) -> str:
    """Return the backups, one a line, newest first."""
    head = ("BACKUP", "AGE", "SIZE", "RELEASE", "COMPLETE", "PROVEN")
    return columns([head, *(_line(each, now) for each in found)])


def _line(backup: Backup, now: datetime) -> tuple[str, ...]:
    age = age_in_words(now - backup.at) if backup.at else "-"
    form = f" ({backup.format})" if backup.format else ""
    problems = "; ".join(finding.what for finding in backup.problems)
    complete = f"yes{form}" if backup.complete else "no"
    proven = f"{age_in_words(now - backup.proven)} ago" if backup.proven else "FAILED" if backup.condemned else "no"
    return (
        backup.id,
        age,
        bytes_in_words(backup.size or 0),
        backup.release or ("-" if backup.origin == "cutover" else backup.origin),
        f"{complete}: {problems}" if problems else complete,
        proven,
    )


def _entry(backup: Backup, now: datetime) -> dict[str, Any]:
    return {
        "id": backup.id,
        "origin": backup.origin,
        "at": backup.at.isoformat() if backup.at else None,
        "age_seconds": int((now - backup.at).total_seconds()) if backup.at else None,
        "size": backup.size,
        "release": backup.release,
        "why": backup.manifest.why if backup.manifest else None,
        "encrypted": bool(backup.manifest and backup.manifest.encrypted_for),
        "format": backup.format,
        "complete": backup.complete,
        "proven": backup.proven.isoformat() if backup.proven else None,
        "problems": as_data(backup.problems),
    }
