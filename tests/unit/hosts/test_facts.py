"""The facts script, run on this machine, and the parser, on what it prints."""

from __future__ import annotations

import json
import subprocess
import time
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from cutover.hosts import facts
from cutover.hosts.connection import Output
from cutover.hosts.facts import Questions
from cutover.hosts.script import script
from cutover.plan.observed import ContainerState, ObservedHost, UnitState


def read(questions: Questions) -> ObservedHost:
    sent = time.time()
    text = script(("facts",), facts.lines(questions))
    done = subprocess.run(["bash", "-s"], input=text, capture_output=True, text=True, timeout=60, check=False)
    return facts.parse("here", Output(done.stdout, done.stderr, done.returncode, sent, time.time()))


def parse(*lines: str) -> ObservedHost:
    return facts.parse("h", Output("\n".join(lines), "", 0, 1000.0, 1001.0))


def test_this_machine_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a file's name"
    path.write_text("content\n")
    path.chmod(0o640)
    found = read(Questions(files=(str(path), str(tmp_path), "/does/not/exist"), packages=("bash", "no-such-package")))
    assert found.os.family in ("debian", "redhat")
    assert found.memory > 1 << 28
    assert found.disk_free > 0
    assert abs(found.clock_offset) < 1
    assert "127.0.0.1" in found.addresses
    assert found.packages == {"bash"}
    assert found.files[str(path)].digest == sha256(b"content\n").hexdigest()
    assert found.files[str(path)].mode == 0o640
    assert set(found.directories) == {str(tmp_path)}


@pytest.mark.parametrize(
    ("os_id", "like", "family"),
    [
        ("debian", "", "debian"),
        ("ubuntu", "debian", "debian"),
        ("rocky", "rhel centos fedora", "redhat"),
        ("almalinux", "rhel centos fedora", "redhat"),
        ("arch", "", ""),
    ],
)
def test_w30_every_announced_system_has_a_family(os_id: str, like: str, family: str) -> None:
    assert facts.family(os_id, like) == family


@pytest.mark.parametrize(("clock", "offset"), [(1000.5, 0.0), (1031.0, 30.0), (970.0, -30.0)])
def test_the_clock_is_off_by_what_the_round_trip_does_not_explain(clock: float, offset: float) -> None:
    assert parse(f"clock\t{clock}").clock_offset == offset


def test_units_containers_and_images_are_read() -> None:
    containers = [
        {"Names": ["oml-nginx-server"], "Image": "x", "State": "running", "Labels": {"cutover.inputs": "abc"}},
        {"Names": ["other"], "Image": "y", "State": "exited", "Labels": None},
    ]
    images = [{"Names": ["docker.io/o/n:1"], "RepoDigests": ["docker.io/o/n@sha256:aa"], "Digest": "sha256:bb"}]
    found = parse(
        "unit\tnginx.service\tActiveState\tactive",
        "unit\tnginx.service\tUnitFileState\tenabled",
        "unit\tnginx.service\tActiveEnterTimestampMonotonic\t42",
        f"containers\t{b64encode(json.dumps(containers).encode()).decode()}",
        f"images\t{b64encode(json.dumps(images).encode()).decode()}",
        "listen\ttcp\t01BB",
        "started\tcutover-firewall\tdef",
    )
    assert found.units == {"nginx": UnitState("active", enabled=True, started=42)}
    assert found.containers["oml-nginx-server"] == ContainerState("x", "abc", running=True)
    assert not found.containers["other"].running
    assert found.images == {"docker.io/o/n@sha256:aa", "docker.io/o/n@sha256:bb"}
    assert found.listening == {("tcp", 443)}
    assert found.started == {"cutover-firewall": "def"}


def test_an_image_that_was_being_fetched_when_the_host_died_counts_as_missing() -> None:
    images = [{"Names": [f"docker.io/o/{name}:1"], "RepoDigests": [f"docker.io/o/{name}@sha256:aa"]} for name in "ab"]
    listed = f"images\t{b64encode(json.dumps(images).encode()).decode()}"
    assert parse(listed, "hollow\tdocker.io/o/b@sha256:aa").images == {"docker.io/o/a@sha256:aa"}


def test_a_damaged_record_counts_as_none() -> None:
    assert parse(f"record\t{b64encode(b'{half').decode()}").record.digests == {}
