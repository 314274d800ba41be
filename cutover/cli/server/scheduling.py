"""The timetable and the alarms of a folder of tenants, brought to the Prefect server."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cutover.cli import inventories
from cutover.cli.server import alarms, connection, notifications, schedules, settings
from cutover.cli.server.alarms import Alarms
from cutover.cli.server.schedules import Row
from cutover.errors import CutoverError, Finding
from cutover.secret import Secret
from cutover.timetable import timetable

if TYPE_CHECKING:
    from cutover.inventory import Tenant

PATIENCE = 60.0
"""Seconds that the server may take to tell whether a notification went out."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was done: the deployments, what is wrong with inventories, and whether alarms reach anybody."""

    rows: list[Row]
    findings: tuple[Finding, ...]
    told: bool
    notifications: Path


def write(home: Path, folder: Path) -> Written:
    """
    Bring timetable and alarms of all tenants in a folder to the server.

    A tenant whose inventory has errors keeps what it has; its findings are returned. Raises CutoverError.
    """
    environment = demand(home, folder)
    addresses = notifications.read(home)
    tenants, broken, findings = read(folder)
    entries = [entry for tenant in tenants for entry in timetable(tenant)]
    deadlines = {tenant.name: tenant.variables.backup_deadline_hours for tenant in tenants}

    async def bring() -> list[Row]:
        async with connection.client(environment) as client:
            rows = await schedules.write(client, entries, broken)
            block = await notifications.save(client, addresses)
            await alarms.sync(client, Alarms(deadlines, block), keep=frozenset(broken))
            return rows

    return Written(asyncio.run(bring()), findings, bool(addresses), notifications.path(home))


def remove(home: Path, folder: Path) -> list[Row]:
    """Take the timetable and all alarms away."""
    environment = demand(home, folder)

    async def take_away() -> list[Row]:
        async with connection.client(environment) as client:
            await alarms.sync(client, Alarms({}, None))
            return await schedules.remove_all(client)

    return asyncio.run(take_away())


def read(folder: Path) -> tuple[list[Tenant], list[str], tuple[Finding, ...]]:
    """Return the tenants of a folder, the names of those that cannot be read, and what is wrong with them."""
    from cutover.inventory import names

    tenants: list[Tenant] = []
    broken: list[str] = []
    findings: list[Finding] = []
    for name in names(folder):
        try:
            tenants.append(inventories.one(name, folder))
        except CutoverError as error:
            broken.append(name)
            findings += error.findings
    return tenants, broken, tuple(findings)


def demand(home: Path, folder: Path) -> dict[str, str]:
    """Return the environment of the server in use. Raises CutoverError: none is up (CUT-770), or it does not answer."""
    url = connection.found(home)
    if not url:
        what, todo = "schedules are kept by a Prefect server, and none is up", "cutover up, or set PREFECT_API_URL"
        raise CutoverError(Finding("CUT-770", what, str(home), todo=todo))
    connection.demand(url)
    return settings.runs(home, url, folder)


def unscheduled(home: Path, folder: Path) -> list[str]:
    """Return the tenants of a folder that have no scheduled backup at the server."""
    from cutover.inventory import names

    environment = demand(home, folder)

    async def ask() -> set[str]:
        async with connection.client(environment) as client:
            return set(await schedules.scheduled(client))

    present = asyncio.run(ask())
    return [name for name in names(folder) if f"backup {name}" not in present]


def try_notifications(home: Path, folder: Path) -> int:
    """
    Let the server send a notification to everybody in the file, and return to how many.

    Raises CutoverError: nobody is in the file (CUT-775), it did not go out (CUT-776), or the server said nothing
    about it (CUT-777).
    """
    environment = demand(home, folder)
    addresses = notifications.read(home)
    where = str(notifications.path(home))
    if not addresses:
        raise CutoverError(Finding("CUT-775", "there is nobody to notify", where, todo=notifications.TODO))
    why = asyncio.run(_tried(environment, addresses))
    if why is None:
        what, todo = "the server does not say whether the notification went out", "see the log of the server"
        raise CutoverError(Finding("CUT-777", what, where, todo=todo))
    if why:
        raise CutoverError(Finding("CUT-776", "the notification did not reach everybody", where, why))
    return len(addresses)


async def _tried(environment: dict[str, str], addresses: tuple[Secret, ...]) -> str | None:
    """Return why a notification failed, an empty text when it went out, None when nothing came of it in time."""
    async with connection.client(environment) as client:
        block = await notifications.save(client, addresses)
        automation = await alarms.trial(client, block)
        deadline = time.monotonic() + PATIENCE
        since = await alarms.ask_to_try(client)
        while time.monotonic() < deadline:
            said = await alarms.outcome(client, automation, since)
            if said is not None:
                return said
            await asyncio.sleep(0.5)
    return None
