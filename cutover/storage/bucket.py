"""Is a bucket usable with these keys? Asked by writing, reading and deleting one small object."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cutover.errors import Finding
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


def objection(bucket: Bucket) -> Finding | None:
    """Return what speaks against using a bucket, None when an object could be written, read back and deleted."""
    key = f"cutover-preflight-{token_hex(8)}"
    where = f"bucket {bucket.name} at {bucket.endpoint or 'AWS'}"
    try:
        store = client(bucket)
        store.put_object(Bucket=bucket.name, Key=key, Body=key.encode())
        found = store.get_object(Bucket=bucket.name, Key=key)["Body"].read()
        store.delete_object(Bucket=bucket.name, Key=key)
    except ClientError as error:
        said = error.response.get("Error", {})
        why = f"{error.operation_name}: {said.get('Code', '')} {said.get('Message', '')}".strip()
        todo = "check bucket_name, bucket_access_key and bucket_secret_key, and that the key may write"
        return Finding("CUT-311", "the bucket refuses", where, why, todo)
    except (BotoCoreError, ValueError) as error:
        return Finding("CUT-312", "the bucket cannot be reached", where, str(error), "check bucket_url and the network")
    if found != key.encode():
        return Finding("CUT-313", "the bucket returns other data than was written", where, "", "ask its operator")
    return None
