"""How the command reads inventories: on the operator's machine, where Prefect's secrets are not to be had."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cutover.errors import CutoverError, Finding

if TYPE_CHECKING:
    from cutover.inventory import Tenant

REFERENCE = "CUT-111"
"""A reference to a secret leads nowhere: may be right where the run happens, wrong only here."""


def kept_by_prefect(block: str) -> str:
    """Stand for a secret that only a run gets to see, so that everything else can be read."""
    return f"kept by Prefect as {block}"


def one(name: str, folder: Path) -> Tenant:
    """Return a tenant for what needs none of its secrets. Raises CutoverError with everything that is wrong."""
    from cutover.inventory import load

    return load(name, folder, kept_by_prefect)


def with_secrets(name: str, folder: Path) -> Tenant:
    """
    Return a tenant with all its secrets; those that Prefect keeps are asked of its server.

    Raises CutoverError with everything that is wrong, a secret that is not to be had here included.
    """
    from cutover.cli.server import connection
    from cutover.cli.server.home import home
    from cutover.inventory import load

    url = connection.found(home())
    return load(name, folder, partial(_from_prefect, url, folder) if url else None)


def _from_prefect(url: str, folder: Path, block: str) -> str:
    import asyncio

    from cutover.cli.server import connection, settings
    from cutover.cli.server.home import home

    connection.prepare(settings.runs(home(), url, folder))
    from prefect.blocks.system import Secret

    async def ask() -> str:
        kept: Secret[str] = await Secret.aload(block)
        return str(kept.get())

    return asyncio.run(ask())


def one_or_elsewhere(name: str, folder: Path) -> Tenant | None:
    """
    Return a tenant whose run is another process's; None when a secret it refers to is only to be had there.

    Raises CutoverError with everything that is wrong with it wherever it runs.
    """
    try:
        return one(name, folder)
    except CutoverError as error:
        if any(finding.fatal and finding.code != REFERENCE for finding in error.findings):
            raise
        return None


def findings(folder: Path, chosen: Sequence[str]) -> dict[str, tuple[Finding, ...]]:
    """Return what is to be said about the chosen tenants, or about all of them and between them when none is."""
    from cutover.inventory import load_all, names

    if not chosen:
        try:
            return {tenant.name: _said_of(tenant) for tenant in load_all(folder, kept_by_prefect)}
        except CutoverError:
            chosen = names(folder)
    return {name: _findings(name, folder) for name in chosen}


def _findings(name: str, folder: Path) -> tuple[Finding, ...]:
    try:
        return _said_of(one(name, folder))
    except CutoverError as error:
        return error.findings


def _said_of(tenant: Tenant) -> tuple[Finding, ...]:
    """Return a tenant's warnings, and what the release table says of its image tags."""
    from cutover.products import omnileads

    try:
        return (*tenant.warnings, *omnileads.findings(tenant))
    except CutoverError as error:
        return (*tenant.warnings, *error.findings)
