"""What a host keeps of what ran before, and puts back."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cutover.hosts import kept
from cutover.hosts.kept import Kept
from cutover.hosts.lease import Lease
from cutover.hosts.script import library

STAMP = "20261120021503"
ABOUT = Kept(STAMP, "upgrade", "1.26.0", {"nginx": "230215.01"}, ("nginx",), schema=True, run="run", at="now")


def shell(place: Path, *lines: str) -> str:
    """Run lines with the functions of a host whose kept files are in `place`, and without its systemd."""
    silent = ["systemctl() { return 0; }", "sync() { :; }"]
    text = "\n".join([library("kept"), f"kept={place}/kept", *silent, "set -e", *lines])
    return subprocess.run(["bash", "-c", text], check=True, capture_output=True, text=True).stdout


def test_what_was_changed_is_put_back_and_what_is_new_goes(tmp_path: Path) -> None:
    old, new = tmp_path / "a file", tmp_path / "new"
    old.write_text("before")
    old.chmod(0o640)
    keep = f"kept_keep {STAMP} '{old}' '{new}' <<<e30="
    shell(tmp_path, keep)
    old.write_text("after")
    new.write_text("after")
    for _ in range(2):
        shell(tmp_path, f"kept_put_back {STAMP}")
        assert (old.read_text(), old.stat().st_mode & 0o777, new.exists()) == ("before", 0o640, False)


def test_what_is_kept_under_a_stamp_already_stays(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for text in ("before", "after"):
        file.write_text(text)
        shell(tmp_path, f"kept_keep {STAMP} '{file}' <<<e30=")
    shell(tmp_path, f"kept_put_back {STAMP}")
    assert file.read_text() == "before"


def test_a_host_says_what_it_keeps_and_what_was_touched(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("before")
    script = kept.keep(ABOUT, [str(file), "/nowhere"], Lease("token", "tests"))
    line = script[script.index("kept_keep") :][script[script.index("kept_keep") :].index(f"kept_keep {STAMP}") :]
    shell(tmp_path, line.rpartition("\nexit")[0], f"kept_begun {STAMP}")
    assert kept.parse(shell(tmp_path, "kept_list")) == (ABOUT,)
    assert shell(tmp_path, f"kept_paths {STAMP}").splitlines() == [str(file), "/nowhere"]


def test_a_change_that_never_began_is_nothing_to_go_back_to_and_goes_with_the_next(tmp_path: Path) -> None:
    shell(tmp_path, f"kept_keep {STAMP} /etc/hostname <<<e30=")
    assert shell(tmp_path, "kept_list") == ""
    shell(tmp_path, "kept_keep 20261120021599 /etc/hostname <<<e30=")
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["20261120021599"]


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for number in range(8):
        shell(tmp_path, f"kept_keep 2026112002150{number} /etc/hostname <<<e30=", f"kept_begun 2026112002150{number}")
    shell(tmp_path, f"kept_forget {kept.NEWEST}")
    left = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert left == [f"2026112002150{number}" for number in range(3, 8)]


def test_what_cannot_be_read_is_left_out() -> None:
    assert kept.parse("kept\t20261120021503\te30=\nsomething else\n") == ()
