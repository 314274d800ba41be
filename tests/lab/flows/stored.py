"""What lies in a bucket, as somebody sees it who knows nothing of Cutover but its keys."""

from __future__ import annotations

import hashlib
import io
import json
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.s3 import client
from tests.lab.tenants import LabTenant
from tests.lab.waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Minio:
    """A tenant's own MinIO."""

    url: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, seen below a prefix."""

    s3: S3Client
    name: str
    prefix: str = ""

    @classmethod
    def of_lab(cls, lab: Lab, name: str, prefix: str = "") -> Bucket:
        """A bucket of the lab's store, made if it is missing."""
        lab.store.make_bucket(name)
        return cls(client(lab.store), name, prefix)

    def names(self, below: str = "") -> list[str]:
        """The keys of all objects."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=self.prefix + below)
        return [each["Key"].removeprefix(self.prefix) for page in pages for each in page.get("Contents", ())]

    def get(self, key: str) -> bytes:
        """The content of an object."""
        return self.s3.get_object(Bucket=self.name, Key=self.prefix + key)["Body"].read()

    def uploads(self) -> list[str]:
        """The keys of uploads that were begun and not ended."""
        found = self.s3.list_multipart_uploads(Bucket=self.name, Prefix=self.prefix)
        return [each["Key"] for each in found.get("Uploads", ())]

    def manifests(self) -> list[dict[str, Any]]:
        """Every manifest, oldest first."""
        found = [key for key in self.names("backup/manifests/") if not key.endswith(".proof.json")]
        return [json.loads(self.get(key)) for key in sorted(found)]

    def plain(self, stored: dict[str, Any]) -> bytes:
        """The content of an object of a backup that is not encrypted, checked against what the manifest says of it."""
        content = self.get(stored["key"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (stored["size"], stored["sha256"]), stored["key"]
        plain = subprocess.run(["zstd", "--decompress", "--stdout"], input=content, capture_output=True, check=True)
        assert len(plain.stdout) == stored["plain"]
        return plain.stdout

    def whole(self, manifest: dict[str, Any]) -> None:
        """Assert that a backup can be read: every object there as the manifest says, the dump one that lists."""
        contents = {stored["key"]: self.plain(stored) for stored in manifest["objects"]}
        listing = listed(contents[one(manifest, "database")["key"]])
        assert "TABLE DATA public queue_log" in listing


@contextmanager
def on_minio(host: Host, tenant: LabTenant, name: str) -> Iterator[Bucket]:
    """The bucket on a tenant's own MinIO, which its firewall shows to nobody outside: by way of SSH."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    way = ["-N", "-L", f"127.0.0.1:{port}:{host.address}:9000"]
    tunnel = subprocess.Popen([*host.ssh_argv()[:1], *way, *host.ssh_argv()[1:]])
    try:
        wait_for("the tunnel", lambda: _open(port), 120)
        keys = tenant.secrets["bucket_access_key"], tenant.secrets["bucket_secret_key"]
        yield Bucket(client(Minio(f"http://127.0.0.1:{port}", *keys)), name)
    finally:
        tunnel.kill()
        tunnel.wait()


def _open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def of(manifest: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The objects of one kind."""
    return [stored for stored in manifest["objects"] if stored["kind"] == kind]


def one(manifest: dict[str, Any], kind: str) -> dict[str, Any]:
    """The only object of its kind."""
    (stored,) = of(manifest, kind)
    return stored


def listed(dump: bytes) -> str:
    """What pg_restore says is in a dump."""
    done = subprocess.run(["pg_restore", "--list"], input=dump, capture_output=True, check=True)
    return done.stdout.decode()


def files(tar: bytes) -> dict[str, tarfile.TarInfo]:
    """The entries of an archive by name."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return {entry.name: entry for entry in archive}
