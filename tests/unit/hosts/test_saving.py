"""What a host gives to a backup, by real processes on files of their own."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path

from cutover.hosts import saving
from cutover.hosts.script import library
from cutover.plan.desired import Reach


def run(lines: Iterable[str]) -> subprocess.CompletedProcess[bytes]:
    text = "\n".join([library(saving.LIBRARY), "set -e", *lines])
    return subprocess.run(["bash", "-s"], input=text.encode(), capture_output=True, timeout=30, check=False)


def entries(tar: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return {entry.name: entry for entry in archive}


def test_a_host_says_what_it_has_and_how_much_there_is_of_each_part(tmp_path: Path) -> None:
    (tmp_path / "odd name").mkdir()
    (tmp_path / "odd name/file").write_bytes(b"x" * 5000)
    parts = {"custom files": (str(tmp_path / "odd name"),), "configuration": ("/nowhere", "/neither")}
    done = subprocess.run(
        ["bash", "-s"],
        input=saving.ask(("bash", "no-such-tool"), parts, ()),
        capture_output=True,
        text=True,
        check=True,
    )
    found = saving.readiness(done.stdout, ())
    assert found.commands == {"bash"}
    assert set(found.weights) == {"custom files"}
    assert found.weights["custom files"] >= 5000


def test_a_python_without_its_library_counts_as_missing(tmp_path: Path) -> None:
    minimal = tmp_path / "python3"
    minimal.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'ctypes'\" >&2\nexit 1\n")
    minimal.chmod(0o755)
    done = run([f'PATH="{tmp_path}:$PATH"', "has bash python3 tar"])
    assert (done.stdout, done.stderr) == (b"has\tbash\nhas\ttar\n", b"")


def test_a_bucket_that_a_host_cannot_reach_is_told() -> None:
    nowhere = Reach("no-such-host.invalid", 9000, "bucket of the backups")
    done = subprocess.run(
        ["bash", "-s"], input=saving.ask((), {}, (nowhere,)), capture_output=True, text=True, check=True
    )
    assert [each for each, _ in saving.readiness(done.stdout, (nowhere,)).blocked] == [nowhere]


def test_a_folder_is_packed_with_every_name_and_numeric_owners(tmp_path: Path) -> None:
    (tmp_path / "deep er").mkdir()
    (tmp_path / "deep er/-ä\n.conf").write_text("one")
    (tmp_path / "link").symlink_to("/etc/passwd")
    done = run(saving.packed(str(tmp_path), "."))
    found = entries(done.stdout)
    assert done.returncode == 0
    assert "./deep er/-ä\n.conf" in found
    assert found["./link"].issym()
    assert all(entry.uname == "" for entry in found.values())


def test_of_some_paths_those_that_exist_are_packed(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("one")
    done = run(saving.packed(str(tmp_path), "here", "not-here"))
    assert (done.returncode, set(entries(done.stdout))) == (0, {"here"})


def test_files_that_change_while_they_are_read_are_no_failure_but_told(tmp_path: Path) -> None:
    script = "tar() { echo 'tar: ./a b: file changed as we read it' >&2; return 1; }"
    done = run([script, *saving.packed(str(tmp_path), ".")])
    assert done.returncode == 0
    assert saving.changed(done.stderr.decode()) == ["./a b"]
    failing = run(["tar() { return 2; }", *saving.packed(str(tmp_path), ".")])
    assert failing.returncode != 0
