"""What a restore reads on a host and leaves there."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

from cutover.hosts.restoring import DONE, Beside, Journal, parse, parse_journal, wanted
from cutover.hosts.script import call, library

STAMP = "20261120021503"


def run(*lines: str) -> subprocess.CompletedProcess[str]:
    text = "\n".join([library("restore"), *lines])
    return subprocess.run(["bash", "-s"], input=text, capture_output=True, text=True, timeout=30, check=False)


def test_a_folder_is_found_with_what_stands_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "custom files"
    for name in ("", f".new-{STAMP}", f".old-{STAMP}", ".old-mine"):
        Path(f"{folder}{name}").mkdir()
    found = parse(run(call("restore_look", folder, "")).stdout)
    assert found.folders == {"asterisk": str(folder)}
    assert {(each.kind, each.stamp) for each in found.beside} == {("new", STAMP), ("old", STAMP)}
    assert {each.path for each in found.beside} == {f"{folder}.new-{STAMP}", f"{folder}.old-{STAMP}"}


def test_a_host_without_any_of_it_has_nothing() -> None:
    found = parse(run(call("restore_look", "", "")).stdout)
    assert (found.folders, found.beside) == ({}, ())


def test_only_what_a_restore_has_put_beside_a_folder_is_removed(tmp_path: Path) -> None:
    fresh, own = tmp_path / f"custom.new-{STAMP}", tmp_path / "custom"
    for each in (fresh, own):
        each.mkdir()
    assert run(call("restore_remove", fresh)).returncode == 0
    assert run(call("restore_remove", own)).returncode != 0
    assert [each.name for each in tmp_path.iterdir()] == ["custom"]


def test_a_tar_becomes_the_fresh_folder_with_modes_as_saved(tmp_path: Path) -> None:
    source, folder = tmp_path / "source", tmp_path / "custom"
    (source / "deep er").mkdir(parents=True)
    (source / "deep er/own.conf").write_text("one")
    (source / "deep er/own.conf").chmod(0o640)
    source.chmod(0o750)
    folder.mkdir()
    done = run(f"tar --create --directory={source} . | {call('restore_unpack', folder, STAMP)}")
    assert done.returncode == 0, done.stderr
    fresh = Path(f"{folder}.new-{STAMP}")
    assert (fresh / "deep er/own.conf").stat().st_mode & 0o777 == 0o640
    assert fresh.stat().st_mode & 0o777 == 0o750


def test_the_account_that_owned_the_folder_there_is_the_one_that_owns_it_here(tmp_path: Path) -> None:
    """Changing owners takes root, so the commands are only shown here; lab tests see them work."""
    shown = run('find() { echo find "$@"; }', f"restore_owned {tmp_path} -uid 997 chown 64")
    assert shown.stdout == f"find {tmp_path} -uid 997 -exec chown --no-dereference 64 {{}} +\n"
    assert run("find() { echo find; }", f"restore_owned {tmp_path} -uid 64 chown 64").stdout == ""


def test_a_redis_with_a_log_of_its_own_is_left_alone(tmp_path: Path) -> None:
    podman = f"podman() {{ echo {tmp_path}; }}"
    assert "folder\tredis" in run(podman, call("restore_look", "", "oml_redis")).stdout
    (tmp_path / "appendonlydir").mkdir()
    assert run(podman, call("restore_look", "", "oml_redis")).stdout == ""


def test_a_journal_is_read_back_and_a_damaged_one_counts_as_none() -> None:
    journal = Journal(STAMP, DONE, "20261120-021503-acme-1.26.0", "run", "now")
    assert parse_journal(journal.content()) == journal
    assert parse_journal(journal.content()[:20]) is None
    assert parse_journal(b'{"phase": "done"}') is None
    assert parse(f"journal\t{b64encode(journal.content()).decode()}").journal == journal


def test_the_switch_reads_the_journal_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "restore.json"
    ask = [library("deadman"), f"journal={path}", f"stamp={STAMP}", "deadman_confirmed && echo yes"]
    path.write_bytes(Journal(STAMP, DONE).content())
    assert run(*ask).stdout == "yes\n"
    for other in (Journal(STAMP, "exchanging"), Journal("20261101000000", DONE)):
        path.write_bytes(other.content())
        assert run(*ask).stdout == ""


@pytest.mark.parametrize("name", ["../x.conf", "/etc/passwd", "a/../../x"])
def test_a_file_that_would_leave_its_folder_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a file's name"):
        wanted([("http://store/x", name)], "/etc/asterisk/custom", STAMP, verify=True)


def test_files_are_named_for_curl_with_their_quotes() -> None:
    text = wanted([("http://s/a?b=c", 'deep/a "b".conf')], "/f", STAMP, verify=False).decode().splitlines()
    assert text == ["insecure", 'url = "http://s/a?b=c"', f'output = "/f.new-{STAMP}/deep/a \\"b\\".conf"']


def test_a_folder_beside_knows_its_path() -> None:
    assert Beside("/etc/asterisk/custom", "old", STAMP, 1).path == f"/etc/asterisk/custom.old-{STAMP}"
