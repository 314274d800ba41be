"""The lab's true S3 store: Ceph's gateway, with versions, enforced object lock, policies and lifecycles."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tests.lab import chroot, golden
from tests.lab.fingerprint import fingerprint
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.s3 import client
from tests.lab.waiting import wait_for

LAYER = "ceph"
NAME = "ceph"
USER = "lab"
PORT = 7480
# Its address is part of what a monitor keeps, so the host always has the same one.
NUMBER = 250
ROOTFS = Path(__file__).parent / "rootfs"
LIMIT = 180.0


@dataclass(frozen=True, slots=True)
class Gateway:
    """A host that serves S3, and the pair of keys of its one user."""

    host: Host
    access_key: str = "labaccesskey"
    secret_key: str = "labsecretkey"
    region: str = "default"

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://{self.host.address}:{PORT}"

    def answers(self) -> bool:
        """True if it lists its buckets now, which it reads from the disks behind it: they come after the gateway."""
        try:
            client(self, timeout=5).list_buckets()
        except (BotoCoreError, ClientError):
            return False
        return True

    def wait(self, limit: float = LIMIT) -> None:
        """Wait until it answers, after a boot as after a power cut."""
        wait_for(f"S3 at {self.url}", self.answers, limit)


def serve(lab: Lab) -> Gateway:
    """
    Make the host and return its gateway, answering; its disk is made once and kept as a golden state.

    The caller removes the host with `lab.remove([gateway.host])`.
    """
    address = f"{lab.settings.net}.{NUMBER}"
    files = [file for file in ROOTFS.rglob("*") if file.is_file()]
    state = f"ceph-{fingerprint(chroot.key(LAYER), address, files=[*files, Path(__file__)])}"
    if not golden.path(lab.settings, state).exists():
        gateway = Gateway(lab.create([NAME], LAYER, addresses=[address])[0])
        try:
            _make(gateway)
            golden.keep(gateway.host, state)
        finally:
            lab.remove([gateway.host])
    gateway = Gateway(lab.create([NAME], golden_state=state, addresses=[address])[0])
    lab.start([gateway.host])
    gateway.wait()
    return gateway


def _make(gateway: Gateway) -> None:
    host = gateway.host
    host.start()
    for file in (file for file in ROOTFS.rglob("*") if file.is_file()):
        target = shlex.quote(f"/{file.relative_to(ROOTFS)}")
        host.run(f"install -m {file.stat().st_mode & 0o777:o} /dev/stdin {target}", stdin=file.read_text())
    keys = f"{gateway.access_key}\n{gateway.secret_key}\n"
    host.run(f"ceph-make {gateway.host.address} {USER}", stdin=keys, timeout=LIMIT)
    _make_pools(gateway)
    host.stop()


def _make_pools(gateway: Gateway) -> None:
    """A gateway makes its pools at its first object, which takes half a minute."""
    s3 = client(gateway)
    s3.create_bucket(Bucket="first")
    s3.put_object(Bucket="first", Key="first", Body=b"")
    s3.delete_object(Bucket="first", Key="first")
    s3.delete_bucket(Bucket="first")
