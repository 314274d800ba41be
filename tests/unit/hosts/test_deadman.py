"""The dead man's switch: its folders and its plan, by real shells on folders of their own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cutover.hosts.deadman import Switch, exchange_folders
from cutover.hosts.lease import Lease
from cutover.hosts.script import call, library

STAMP = "20261120021503"


def run(*lines: str) -> str:
    text = "\n".join([library("deadman"), *lines])
    done = subprocess.run(["bash", "-s"], input=text, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in use with its successor beside it."""
    place = tmp_path / "custom files"
    for name, content in ((place, "former"), (Path(f"{place}.new-{STAMP}"), "fresh")):
        name.mkdir()
        (name / "file").write_text(content)
    return place


def content(folder: Path) -> str:
    return (folder / "file").read_text()


def states(folder: Path) -> list[str]:
    return sorted(each.name.removeprefix(folder.name) for each in folder.parent.iterdir())


def test_folders_are_exchanged_once_however_often_it_is_asked_for(folder: Path) -> None:
    for _ in range(2):
        run(call("folder_swap", folder, STAMP))
        assert content(folder) == "fresh"
        assert states(folder) == ["", f".old-{STAMP}"]


def test_a_death_between_the_two_renames_is_mended_by_going_on(folder: Path) -> None:
    folder.rename(f"{folder}.old-{STAMP}")
    run(call("folder_swap", folder, STAMP))
    assert content(folder) == "fresh"


@pytest.mark.parametrize("exchanged", [True, False])
def test_going_back_gives_the_former_folder_its_name_wherever_the_exchange_stopped(
    folder: Path, exchanged: bool
) -> None:
    folder.rename(f"{folder}.old-{STAMP}")
    if exchanged:
        Path(f"{folder}.new-{STAMP}").rename(folder)
    for _ in range(2):
        run(call("folder_back", folder, STAMP))
        assert content(folder) == "former"
        assert states(folder) == ["", f".new-{STAMP}"]


def test_going_back_before_anything_was_exchanged_changes_nothing(folder: Path) -> None:
    run(call("folder_back", folder, STAMP))
    assert content(folder) == "former"
    assert states(folder) == ["", f".new-{STAMP}"]


def test_the_plan_is_read_back_as_it_was_written() -> None:
    strange = Switch(
        "restore",
        STAMP,
        "/var/lib/it.json",
        ("/a b", "/c'd"),
        ("redis", "asterisk"),
        ("psql", "--x=y z"),
        "do $x$ 'it''s' $x$;",
        others=(("omlcron", "oml-cron-server"), ("plain", None)),
        decides=True,
    )
    show = 'printf "%s\\n" "$stamp" "${folders[@]}" "${units[@]}" "${others[@]}" "${database[@]}" "$back" "$grace"'
    shown = run(strange.plan(), show).splitlines()
    others = ["omlcron", "oml-cron-server", "plain", "-"]
    assert shown == [STAMP, *strange.folders, *strange.units, *others, *strange.database, strange.back, "0"]


def test_hosts_without_the_database_wait_longer() -> None:
    assert int(run(Switch("upgrade", STAMP, "/var/lib/it.json").plan(), "echo $grace")) > 0


@pytest.mark.parametrize(
    ("said", "written", "status"),
    [
        ("echo t", "", 0),
        ("echo f", "", 1),
        ("false", "", 2),
        ("false", f'{{"stamp": "{STAMP}", "phase": "done"}}', 0),
        ("false", f'{{"stamp": "{STAMP}", "phase": "exchanging"}}', 2),
    ],
)
def test_where_several_hosts_can_swap_back_the_database_says_whether_they_may(
    tmp_path: Path, said: str, written: str, status: int
) -> None:
    """It is asked in the same breath in which it is swapped back; one that is silent leaves everything as it is."""
    journal, asked = tmp_path / "restore.json", tmp_path / "asked"
    journal.write_text(written)
    command = ("sh", "-c", f"cat >{asked}; {said}")
    switch = Switch("restore", STAMP, str(journal), database=command, back="do 1;", decides=True, sealed="select 2;")
    lines = [switch.plan(), f"deadman={tmp_path}", "SECONDS=0; sleep() { SECONDS=200; }", "deadman_confirmed; echo $?"]
    assert run(*lines).strip() == str(status)
    assert not asked.exists() or asked.read_text() == "do 1; select 2;\n"


def test_an_exchange_checks_first_that_the_tenant_is_still_ours() -> None:
    text = exchange_folders(["/etc/asterisk/custom"], STAMP, Lease("t" * 32, "restore"))
    assert text.index("lease_mine tttt") < text.index("folder_swap /etc/asterisk/custom")


@pytest.mark.parametrize(
    ("program", "status"),
    [
        pytest.param("", 0, id="the switch went while its timer rang: no unit of the host has failed"),
        pytest.param("exit 0", 0, id="it looked"),
        pytest.param("exit 3", 1, id="it could not look, which has to be seen"),
    ],
)
def test_a_look_fails_only_while_there_is_a_switch(tmp_path: Path, program: str, status: int) -> None:
    if program:
        (tmp_path / "run").write_text(program)
    # what the timer's unit would run are the last three words
    unit = 'systemd-run() { "${@: -3}" 2>/dev/null; }'
    said = run(f"deadman={tmp_path}", unit, call("deadman_look_every", 5), "echo $?")
    assert said == f"{status}\n"
