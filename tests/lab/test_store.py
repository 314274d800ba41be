"""
The lab's S3 stores: both keep objects and check keys; what backups rely on is enforced by Ceph's gateway. And the wire
to the first that a test can break.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.lab.ceph import gateway
from tests.lab.ceph.gateway import Gateway
from tests.lab.lab import Lab
from tests.lab.store import Store
from tests.lab.wire import Wire, wire

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.lab


def client(store: Store | Gateway | Wire, secret: str | None = None, patience: float = 5) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=store.url,
        aws_access_key_id=store.access_key,
        aws_secret_access_key=secret or store.secret_key,
        region_name=store.region,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path", "payload_signing_enabled": False},
            retries={"total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=patience,
            request_checksum_calculation="when_required",
        ),
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
    assert client(ceph, patience=60).get_object(Bucket="durable", Key="object")["Body"].read() == b"content"


@pytest.fixture
def broken(lab: Lab) -> Iterator[Wire]:
    lab.store.make_bucket("broken")
    with wire(lab.store) as made:
        yield made


def test_a_wire_breaks_once_in_mid_transfer_and_then_carries_what_it_is_given(lab: Lab, broken: Wire) -> None:
    s3 = client(broken)
    broken.break_after(3 << 20)
    with pytest.raises(BotoCoreError):
        s3.put_object(Bucket="broken", Key="object", Body=b"a" * (8 << 20))
    assert lab.store.objects("broken") == {}
    s3.put_object(Bucket="broken", Key="object", Body=b"a" * (8 << 20))
    assert lab.store.objects("broken")["object"].read_bytes() == b"a" * (8 << 20)
    broken.falsify_after(1 << 20)
    link = s3.generate_presigned_url("put_object", {"Bucket": "broken", "Key": "signed"})
    assert httpx.put(link, content=b"a" * (2 << 20), trust_env=False).status_code == httpx.codes.OK
    assert lab.store.objects("broken")["signed"].read_bytes().count(b"`") == 1
    assert broken.signatures == [link.rpartition("X-Amz-Signature=")[2][:64]]


@pytest.mark.thorough
def test_a_wire_that_is_cut_refuses_and_one_that_is_silent_says_nothing_until_it_is_healed(broken: Wire) -> None:
    s3 = client(broken)
    for fault in (broken.cut, broken.silence):
        s3.list_objects_v2(Bucket="broken")
        fault()
        with pytest.raises(BotoCoreError):
            s3.list_objects_v2(Bucket="broken")
        broken.heal()
    assert s3.list_objects_v2(Bucket="broken")["ResponseMetadata"]["HTTPStatusCode"] == httpx.codes.OK
