from __future__ import annotations

import pytest

from cutover.cli.arguments import selected
from cutover.cli.exits import Exit
from cutover.cli.main import main
from cutover.errors import CutoverError

NAMES = ("acme", "eu-north", "eu-south", "us")


def test_tenants_are_selected_by_patterns_in_the_folder_s_order() -> None:
    assert selected(["us", "eu-*"], NAMES) == ["eu-north", "eu-south", "us"]


def test_a_pattern_that_no_name_matches_is_an_error() -> None:
    with pytest.raises(CutoverError, match="--only asia-") as refused:
        selected(["eu-*", "asia-*"], NAMES)
    assert refused.value.findings[0].code == "CUT-609"


@pytest.mark.parametrize("verb", ["upgrade", "backup", "drift"])
def test_a_selection_goes_with_all_tenants_alone(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "acme", "--only", "eu-*"]) == Exit.BAD_INPUT
    assert "only with --all: --only" in capsys.readouterr().err
