"""The stores of the operation that the calling task belongs to."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from cutover.errors import CutoverError, Finding, HostUnreachableError
from cutover.hosts.operation import current
from cutover.storage.catalogue import Backup, backups, chosen
from cutover.storage.place import backup_place, own_place
from cutover.storage.store import Store, objection_to, opened
from tasks.step import step


def backup_store() -> AbstractAsyncContextManager[Store]:
    """Open where the tenant's backups are."""
    return opened(backup_place(current().tenant), tunnel)


def own_store() -> AbstractAsyncContextManager[Store]:
    """Open the bucket that the tenant's applications use."""
    return opened(own_place(current().tenant), tunnel)


@asynccontextmanager
async def stores() -> AsyncIterator[tuple[Store, ...]]:
    """Open the places where backups of the tenant may lie: where Cutover puts them, then its own bucket."""
    async with backup_store() as first, own_store() as second:
        yield (first,) if first.place.own else (first, second)


@step("preflight {what}", timeout=120)
async def usable(what: str, store: Store) -> tuple[Finding, ...]:
    """Write, read and delete one small object; return what failed."""
    finding = await objection_to(store)
    return (finding,) if finding else ()


async def found_in(
    places: Sequence[Store], tenant: str, wanted: str, *, but: str | None = None
) -> tuple[Store, Backup]:
    """
    Return the backup that is meant and the place it lies in, looking into one after the other.

    The tenant's own bucket comes last: the old tool knew no other place. The newest is the newest of those that were
    not made for the reason `but`. Raises CutoverError when there is none.
    """
    *before, last = places
    for place in before:
        try:
            return place, meant(await backups(place, tenant), wanted, but)
        except CutoverError as error:
            if error.findings[0].code != "CUT-790":
                raise
    return last, meant(await backups(last, tenant), wanted, but)


def meant(found: Sequence[Backup], wanted: str, but: str | None) -> Backup:
    """Return the backup that is meant among all of a place, newest first; raises CutoverError as `chosen` does."""
    if wanted in ("", "latest"):
        return chosen([each for each in found if each.manifest is None or each.manifest.why != but], None)
    return chosen(found, wanted)


@asynccontextmanager
async def tunnel(host: str, address: str, port: int) -> AsyncIterator[int]:
    """Give a local port that leads through a host of the current operation to `address:port`."""
    this = current()
    # a connection that died unnoticed would still give a port; asking the host something makes it known
    with contextlib.suppress(HostUnreachableError):
        await this.run(host, "true\n")
    async with (await this.connection(host)).tunnel(address, port) as local:
        yield local
