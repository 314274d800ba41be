from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cutover.cli.exits import Exit
from cutover.cli.main import VERBS, main

HEAVY = ("pydantic", "prefect", "asyncssh", "rich", "jinja2", "boto3", "yaml", "ruamel", "asyncio", "cutover.inventory")


def test_nothing_heavy_is_imported_before_a_verb_runs() -> None:
    code = "import sys, cutover.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(HEAVY).isdisjoint(done.stdout.split())


def test_w20_help_lists_every_verb_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(f"    {verb.NAME}" in text for verb in VERBS)
    assert "exit codes:" in text


@pytest.mark.parametrize("verb", [verb.NAME for verb in VERBS])
def test_every_verb_offers_json_and_a_folder_of_tenants(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([verb, "--help"])
    text = capsys.readouterr().out
    assert "--json" in text
    assert "--tenants DIR" in text


@pytest.mark.parametrize(
    ("words", "todo"),
    [
        (["instal", "acme"], "did you mean install?"),
        (["statsu", "acme"], "did you mean status?"),
        ([], "see cutover --help"),
        (["install"], "see cutover install --help"),
        (["install", "acme", "--jsn"], "see cutover"),
    ],
)
def test_a_wrong_command_line_is_said_with_the_nearest_word(
    words: list[str], todo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == Exit.BAD_INPUT
    shown = capsys.readouterr()
    assert "CUT-601" in shown.err
    assert todo in shown.err
    assert shown.out == ""


def test_with_json_an_error_is_the_only_thing_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "--action=instal", "--tenant=acme", "--json"]) == Exit.BAD_INPUT
    document = json.loads(capsys.readouterr().out)
    assert document["exit"] == Exit.BAD_INPUT
    assert [finding["code"] for finding in document["findings"]] == ["CUT-604"]


def test_a_folder_of_tenants_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tenants", "--tenants", str(tmp_path / "none")]) == Exit.BAD_INPUT
    assert f"{tmp_path / 'none'}: the folder of tenants does not exist [CUT-602]" in capsys.readouterr().err
