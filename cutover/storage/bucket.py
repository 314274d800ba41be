"""A bucket with its keys, and the client that talks to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from cutover.secret import Secret

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECTIONS = 16
"""Requests to one bucket at the same time."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket with its keys. `endpoint` is None for AWS; `verify` says whether its certificate must be trusted."""

    name: str
    endpoint: str | None
    region: str
    access_key: Secret
    secret_key: Secret
    verify: bool = True


def client(bucket: Bucket, *, by_tunnel: bool = False) -> S3Client:
    """
    Return a client for a bucket; requests end after seconds, not minutes.

    `by_tunnel`: the endpoint is a local port, which no proxy of the controller's environment leads to.
    """
    return boto3.client(
        "s3",
        endpoint_url=bucket.endpoint,
        region_name=bucket.region,
        aws_access_key_id=bucket.access_key.reveal(),
        aws_secret_access_key=bucket.secret_key.reveal(),
        verify=bucket.verify,
        config=Config(
            connect_timeout=5,
            read_timeout=15,
            retries={"max_attempts": 2, "mode": "standard"},
            max_pool_connections=CONNECTIONS,
            signature_version="s3v4",
            proxies={} if by_tunnel else None,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            # without a word botocore signs for AWS's global name, which leads elsewhere for a bucket that is new
            s3={"addressing_style": "path" if bucket.endpoint else "virtual"},
        ),
    )
