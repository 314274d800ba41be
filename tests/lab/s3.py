"""The client that tests talk S3 with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Place(Protocol):
    """Where S3 is served, and the keys to it."""

    @property
    def url(self) -> str: ...
    @property
    def access_key(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def region(self) -> str: ...


def client(place: Place, secret: str | None = None, timeout: float = 120) -> S3Client:
    """A client of the store at `place`, with its own secret or another one; `timeout` seconds for an answer."""
    return boto3.client(
        "s3",
        endpoint_url=place.url,
        aws_access_key_id=place.access_key,
        aws_secret_access_key=secret or place.secret_key,
        region_name=place.region,
        config=Config(
            s3={"addressing_style": "path"},
            retries={"max_attempts": 1},
            connect_timeout=5,
            read_timeout=timeout,
            proxies={},
        ),
    )
