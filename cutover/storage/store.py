"""
A bucket as Cutover uses it: small objects by itself, big ones by signed requests that hosts carry out.

boto3 does the work in threads. A MinIO that only the tenant's hosts reach is asked through a host's SSH connection;
what is signed for hosts always names the endpoint as they reach it. Keys are given and returned without the place's
prefix.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
)

from cutover.errors import CutoverError, Finding
from cutover.secret import Secret
from cutover.storage.bucket import CONNECTIONS, client
from cutover.storage.place import Place
from cutover.storage.refusal import refusal, unreachable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

R = TypeVar("R")
Tunnel = Callable[[str, str, int], AbstractAsyncContextManager[int]]
"""Given a host, an address and a port: gives a local port that leads there through the host."""

SIGNED_FOR = 24 * 3600
"""Seconds that a signed request can be used."""

NO_METADATA: Mapping[str, str] = MappingProxyType({})
_GONE_OR_FAILED = frozenset({"CUT-703", "CUT-704"})
_BROKEN = (EndpointConnectionError, ConnectionClosedError, HTTPClientError)


@dataclass(frozen=True, slots=True)
class Head:
    """What a store knows of an object. `size` is in bytes, `etag` without quotes, names of `metadata` in lower case."""

    size: int
    etag: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """An object in a listing. `size` is in bytes, `etag` without quotes."""

    key: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload that was begun; `begun` is known of those that a store listed."""

    key: str
    id: str
    begun: datetime | None = None


class Store:
    """
    An open place. Made by `opened`.

    Every method that talks raises CutoverError: CUT-700 when the store cannot be reached, CUT-701 when it refuses,
    CUT-702 when the bucket is not there, CUT-703 when an object is not there, CUT-704 when it fails.
    """

    def __init__(self, place: Place, way: _Way, threads: Executor) -> None:
        self.place = place
        self._way = way
        self._threads = threads
        self._signer: S3Client | None = None

    async def put(self, key: str, body: bytes, metadata: Mapping[str, str] = NO_METADATA) -> None:
        """Write a small object in one request: it is there as a whole or not at all."""
        await self._ask("write", key, lambda s3, at: s3.put_object(**at, Body=body, Metadata=dict(metadata)))

    async def get(self, key: str) -> bytes:
        """Return a small object."""
        return await self._ask("read", key, lambda s3, at: s3.get_object(**at)["Body"].read())

    async def peek(self, key: str, size: int = 512) -> bytes:
        """Return the first bytes of an object, all of it when it is shorter."""

        def first(s3: S3Client, at: Any) -> bytes:
            # a range of an empty object is refused, so the body is left unread instead
            body = s3.get_object(**at)["Body"]
            try:
                return body.read(size)
            finally:
                body.close()

        return await self._ask("read", key, first)

    async def head(self, key: str) -> Head | None:
        """Return what the store knows of an object, None when it is not there."""
        try:
            found = await self._ask("look at", key, lambda s3, at: s3.head_object(**at))
        except CutoverError as error:
            if error.findings[0].code == "CUT-703":
                return None
            raise
        # S3 lets stores change the case of these names
        metadata = {name.lower(): value for name, value in found["Metadata"].items()}
        return Head(found["ContentLength"], found["ETag"].strip('"'), metadata)

    async def listed(self, prefix: str) -> list[Listed]:
        """Return every object whose key begins with `prefix`, in the order of their keys."""

        def pages(s3: S3Client, at: Any) -> list[Listed]:
            found = s3.get_paginator("list_objects_v2").paginate(Bucket=at["Bucket"], Prefix=at["Key"])
            return [
                Listed(self._inner(each["Key"]), each["Size"], each["ETag"].strip('"'), each["LastModified"])
                for page in found
                for each in page.get("Contents", ())
            ]

        return await self._ask("list", prefix, pages)

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete objects one after the other, in this order; those that are not there are passed over."""
        for key in keys:
            await self._ask("delete", key, lambda s3, at: s3.delete_object(**at))

    def signed_get(self, key: str) -> Secret:
        """Return a URL with which a host reads an object, for 24 hours."""
        return self._signed("get_object", key)

    def signed_put(self, key: str) -> Secret:
        """Return a URL with which a host writes an object in one request, for 24 hours."""
        return self._signed("put_object", key)

    async def begin(self, key: str, metadata: Mapping[str, str] = NO_METADATA) -> Upload:
        """Begin an upload in parts; nothing is to be seen of it until it is completed."""
        made = await self._ask("begin", key, lambda s3, at: s3.create_multipart_upload(**at, Metadata=dict(metadata)))
        return Upload(key, made["UploadId"])

    def signed_parts(self, upload: Upload, numbers: range) -> list[Secret]:
        """Return the URLs with which a host writes the parts of these numbers (from 1), for 24 hours."""
        return [self._signed("upload_part", upload.key, UploadId=upload.id, PartNumber=each) for each in numbers]

    async def complete(self, upload: Upload, etags: Sequence[str]) -> Head:
        """Make one object of the parts, given their etags from part 1 on, and return what the store has then."""
        parts: Any = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]

        def join(s3: S3Client, at: Any) -> None:
            s3.complete_multipart_upload(**at, UploadId=upload.id, MultipartUpload={"Parts": parts})

        try:
            await self._ask("complete", upload.key, join)
        except CutoverError as error:
            # made again because its answer was lost, such a request is refused: the upload is an object by then
            if error.findings[0].code in _GONE_OR_FAILED and (found := await self.head(upload.key)):
                return found
            raise
        if found := await self.head(upload.key):
            return found
        raise CutoverError(refusal(self.place, "complete", upload.key, {"Error": {"Code": "NoSuchKey"}}))

    async def abort(self, upload: Upload) -> None:
        """Throw an unfinished upload away with its parts; one that is gone already is passed over."""
        try:
            await self._ask("abort", upload.key, lambda s3, at: s3.abort_multipart_upload(**at, UploadId=upload.id))
        except CutoverError as error:
            if error.findings[0].code != "CUT-703":
                raise

    async def unfinished(self, prefix: str) -> list[Upload]:
        """
        Return the uploads below `prefix` that were begun and not ended; [] where a store cannot list them.

        MinIO lists only those of one whole key; it throws stale ones away by itself after a day.
        """

        def pages(s3: S3Client, at: Any) -> list[Upload]:
            found = s3.get_paginator("list_multipart_uploads").paginate(Bucket=at["Bucket"], Prefix=at["Key"])
            return [
                Upload(self._inner(each["Key"]), each["UploadId"], each.get("Initiated"))
                for page in found
                for each in page.get("Uploads", ())
            ]

        try:
            return await self._ask("list", prefix, pages)
        except CutoverError as error:
            # some stores answer that there is no such upload when there is none at all
            if error.findings[0].code in {"CUT-703", "CUT-704"}:
                return []
            raise

    def _outer(self, key: str) -> str:
        return self.place.prefix + key

    def _inner(self, key: str) -> str:
        return key.removeprefix(self.place.prefix)

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.place.bucket.name, "Key": self._outer(key)}

    def _signed(self, method: Literal["get_object", "put_object", "upload_part"], key: str, **more: Any) -> Secret:
        self._signer = self._signer or client(self.place.bucket)
        return Secret(
            self._signer.generate_presigned_url(method, Params={**self._at(key), **more}, ExpiresIn=SIGNED_FOR)
        )

    async def _ask(self, doing: str, key: str, request: Callable[[S3Client, Any], R]) -> R:
        """Make a request in a thread; once more over a new tunnel when it may be the tunnel that broke."""
        generation, s3 = await self._way.client()
        try:
            return await self._in_thread(doing, key, request, s3)
        except CutoverError as error:
            if self.place.through is None or not isinstance(error.__cause__, _BROKEN):
                raise
        _, s3 = await self._way.client(after=generation)
        return await self._in_thread(doing, key, request, s3)

    async def _in_thread(self, doing: str, key: str, request: Callable[[S3Client, Any], R], s3: S3Client) -> R:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, request, s3, self._at(key))
        except ClientError as error:
            raise CutoverError(refusal(self.place, doing, key, error.response)) from error
        except (BotoCoreError, ValueError, OSError) as error:
            raise CutoverError(unreachable(self.place, doing, key, error)) from error


class _Way:
    """How the controller reaches a place: directly, or through a tunnel that can be dug again."""

    def __init__(self, place: Place, tunnel: Tunnel, open_until: AsyncExitStack) -> None:
        self._place, self._tunnel, self._open_until = place, tunnel, open_until
        self._generation, self._client = 0, client(place.bucket) if place.through is None else None
        self._digging = asyncio.Lock()

    async def client(self, after: int = -1) -> tuple[int, S3Client]:
        """Return a client and the number of its tunnel, a newer one than `after`."""
        async with self._digging:
            if self._client is None or (self._place.through and self._generation <= after):
                self._client = await self._dig()
                self._generation += 1
            return self._generation, self._client

    async def _dig(self) -> S3Client:
        url = urlsplit(self._place.bucket.endpoint or "")
        port = url.port or (443 if url.scheme == "https" else 80)
        made = self._tunnel(self._place.through or "", url.hostname or "", port)
        local = await self._open_until.enter_async_context(made)
        return client(replace(self._place.bucket, endpoint=f"{url.scheme}://127.0.0.1:{local}"), by_tunnel=True)


@asynccontextmanager
async def opened(place: Place, tunnel: Tunnel) -> AsyncIterator[Store]:
    """Give the store of a place while it is open; `tunnel` is asked only for a place that lies behind a host."""
    # threads of its own: a store that does not answer must not keep those waiting that resolve names
    threads = ThreadPoolExecutor(CONNECTIONS, "store")
    try:
        async with AsyncExitStack() as open_until:
            yield Store(place, _Way(place, tunnel, open_until), threads)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


async def objection_to(store: Store) -> Finding | None:
    """Return what speaks against a place, None when a small object could be written, read back and deleted there."""
    key = f"cutover-preflight-{token_hex(8)}"
    try:
        await store.put(key, key.encode())
        found = await store.get(key)
        await store.delete([key])
    except CutoverError as error:
        return error.findings[0]
    if found != key.encode():
        todo = "ask its operator; nothing that lies there can be relied on"
        return Finding("CUT-709", "the store returns other data than was written", store.place.name, key, todo)
    return None
