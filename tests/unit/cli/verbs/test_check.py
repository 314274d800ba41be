from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cutover.cli.exits import Exit
from cutover.cli.main import main

EXAMPLES = Path(__file__).parents[4] / "tenants"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    text = (EXAMPLES / "example-aio/inventory.yml").read_text()
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "inventory.yml").write_text(text)
    with (tmp_path / "bad/inventory.yml").open("a") as file:
        file.write("    nonsense: 1\n    more_nonsense: 2\n")
    for line in text.splitlines():
        if "{env: " in line:
            monkeypatch.setenv(line.partition("{env: ")[2].partition("}")[0], "p4ssw0rd-of-a-test")
    monkeypatch.setenv("CUTOVER_TENANTS", str(tmp_path))
    return tmp_path


def test_all_findings_are_printed_with_file_line_and_column(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == Exit.BAD_INPUT
    shown = capsys.readouterr()
    last = len((folder / "bad/inventory.yml").read_text().splitlines())
    assert f"{folder}/bad/inventory.yml:{last - 1}:5: " in shown.err
    assert f"{folder}/bad/inventory.yml:{last}:5: " in shown.err
    assert shown.out == "2 checked, 1 with errors: bad\n"


def test_a_tenant_can_be_checked_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "good"]) == Exit.OK
    assert capsys.readouterr().out == "1 checked, 0 with errors\n"


def test_tenants_between_them_are_checked_when_all_are_right(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(folder / "good/inventory.yml", folder / "bad/inventory.yml")
    assert main(["check", "--json"]) == Exit.OK
    found = json.loads(capsys.readouterr().out)["tenants"]
    assert [tenant["name"] for tenant in found] == ["bad", "good"]
    assert "CUT-155" in {finding["code"] for tenant in found for finding in tenant["findings"]}


def test_the_list_shows_which_tenants_cannot_be_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tenants"]) == Exit.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["TENANT", "LAYOUT", "HOSTS", "RELEASE", "STATE"]
    assert lines[1].split()[0] == "bad"
    assert "2 findings: cutover check bad" in lines[1]
    assert lines[2].split()[:2] == ["good", "aio"]


def test_a_broken_inventory_stops_an_operation_before_it_starts(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CUTOVER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert main(["install", "bad"]) == Exit.BAD_INPUT
    assert capsys.readouterr().err.count("CUT-106") == 2


def test_a_release_that_nobody_knows_is_found_without_a_host(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inventory = folder / "good/inventory.yml"
    inventory.write_text(inventory.read_text().replace("release: 1.26.0", "release: 1.26.1"))
    assert main(["check", "good"]) == Exit.BAD_INPUT
    shown = capsys.readouterr().err
    assert "CUT-410" in shown
    assert "1.26.0" in shown
