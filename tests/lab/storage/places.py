"""Places in the lab's stores, opened as Cutover opens them."""

from __future__ import annotations

import urllib.request
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from secrets import token_hex

from cutover.secret import Secret
from cutover.storage.bucket import Bucket
from cutover.storage.place import Place
from cutover.storage.store import Store, opened
from tests.lab.s3 import Place as Served
from tests.lab.s3 import client


def fresh(served: Served, prefix: str = "acme/") -> Place:
    """A place in a new bucket."""
    name = f"storage-{token_hex(4)}"
    client(served).create_bucket(Bucket=name)
    return Place(
        Bucket(name, served.url, served.region, Secret(served.access_key), Secret(served.secret_key)),
        prefix,
        through=None,
        own=False,
    )


@asynccontextmanager
async def no_tunnel(host: str, address: str, port: int) -> AsyncIterator[int]:
    """Stands where no tunnel may be needed."""
    raise AssertionError(f"a tunnel through {host} to {address}:{port} was asked for")
    yield 0


def direct(place: Place) -> AbstractAsyncContextManager[Store]:
    """Open a place that the machine reaches by itself."""
    return opened(place, no_tunnel)


def sent(url: Secret, body: bytes) -> str:
    """Write a body with a signed request, as a host does, and return the etag."""
    request = urllib.request.Request(url.reveal(), body, method="PUT")  # noqa: S310 - a store of the lab
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return str(answer.headers["ETag"])


def fetched(url: Secret) -> bytes:
    """Read an object with a signed request, as a host does."""
    with urllib.request.urlopen(url.reveal(), timeout=30) as answer:  # noqa: S310 - a store of the lab
        body: bytes = answer.read()
        return body
