"""The lab's S3 stores: both keep objects and check keys; what backups rely on is enforced by Ceph's gateway."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.lab.ceph import gateway
from tests.lab.ceph.gateway import Gateway
from tests.lab.lab import Lab
from tests.lab.store import Store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.lab


def client(store: Store | Gateway, secret: str | None = None) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=store.url,
        aws_access_key_id=store.access_key,
        aws_secret_access_key=secret or store.secret_key,
        region_name=store.region,
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=5),
    )


@pytest.fixture(scope="module")
def ceph(lab: Lab) -> Iterator[Gateway]:
    made = gateway.serve(lab)
    yield made
    lab.remove([made.host])


@pytest.fixture(params=["store", "ceph"])
def store(request: pytest.FixtureRequest, lab: Lab) -> Store | Gateway:
    if request.param == "store":
        return lab.store
    made: Gateway = request.getfixturevalue("ceph")
    return made


def test_an_object_is_read_as_it_was_written(store: Store | Gateway) -> None:
    s3 = client(store)
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="folder/object", Body=b"content")
    assert s3.get_object(Bucket="kept", Key="folder/object")["Body"].read() == b"content"


def test_a_wrong_secret_is_refused(store: Store | Gateway) -> None:
    with pytest.raises(ClientError) as refused:
        client(store, "wrong").list_buckets()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_locked_version_survives_its_deletion_in_ceph(ceph: Gateway) -> None:
    s3 = client(ceph)
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    version = s3.put_object(
        Bucket="locked",
        Key="backup",
        Body=b"content",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=datetime.now(UTC) + timedelta(days=1),
    )["VersionId"]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="locked", Key="backup", VersionId=version)


def test_ceph_serves_its_objects_again_after_a_power_cut(ceph: Gateway) -> None:
    s3 = client(ceph)
    s3.create_bucket(Bucket="durable")
    s3.put_object(Bucket="durable", Key="object", Body=b"content")
    ceph.host.kill()
    ceph.host.start()
    ceph.wait()
    assert s3.get_object(Bucket="durable", Key="object")["Body"].read() == b"content"
