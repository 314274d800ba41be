"""The stores of the operation that the calling task belongs to."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from cutover.errors import HostUnreachableError
from cutover.hosts.operation import current
from cutover.storage.place import backup_place, own_place
from cutover.storage.store import Store, opened


def backup_store() -> AbstractAsyncContextManager[Store]:
    """Open where the tenant's backups are."""
    return opened(backup_place(current().tenant), tunnel)


def own_store() -> AbstractAsyncContextManager[Store]:
    """Open the bucket that the tenant's applications use."""
    return opened(own_place(current().tenant), tunnel)


@asynccontextmanager
async def tunnel(host: str, address: str, port: int) -> AsyncIterator[int]:
    """Give a local port that leads through a host of the current operation to `address:port`."""
    this = current()
    # a connection that died unnoticed would still give a port; asking the host something makes it known
    with contextlib.suppress(HostUnreachableError):
        await this.run(host, "true\n")
    async with (await this.connection(host)).tunnel(address, port) as local:
        yield local
