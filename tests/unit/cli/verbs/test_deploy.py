from __future__ import annotations

import pytest

from cutover.cli.exits import Exit
from cutover.cli.main import main, parser
from cutover.cli.verbs.deploy import NOT_YET, PARTIAL, VERBS, refuse
from cutover.errors import CutoverError
from cutover.products.omnileads.catalogue import CATALOGUE
from cutover.products.omnileads.parts import named


@pytest.mark.parametrize(
    "words",
    [
        ["--action=install", "--tenant=acme"],
        ["--action", "install", "--tenant", "acme"],
        ["--tenant=acme", "--action=install"],
    ],
)
def test_the_old_tools_command_line_is_read(words: list[str]) -> None:
    options = parser().parse_args(["deploy", *words])
    assert (options.action, options.tenant) == ("install", "acme")


@pytest.mark.parametrize("action", [*VERBS, *PARTIAL])
def test_what_is_offered_is_not_refused(action: str) -> None:
    refuse(action)


@pytest.mark.parametrize("action", PARTIAL)
def test_every_partial_action_means_components_that_there_are(action: str) -> None:
    found, unknown = named([action], frozenset(component.name for component in CATALOGUE))
    assert found
    assert not unknown


@pytest.mark.parametrize("action", NOT_YET)
def test_an_action_that_is_not_offered_is_refused_before_anything_happens(
    action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", f"--action={action}", "--tenant=acme"]) == Exit.BAD_INPUT
    assert f"--action={action}: Cutover does not" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("action", "near"),
    [("instal", "install"), ("redis_takeover_main", "redis_node_takeover_main"), ("Install", "install")],
)
def test_an_unknown_action_is_answered_with_the_nearest(action: str, near: str) -> None:
    with pytest.raises(CutoverError) as refused:
        refuse(action)
    assert [(finding.code, finding.todo) for finding in refused.value.findings] == [
        ("CUT-604", f"did you mean {near}?")
    ]


@pytest.mark.parametrize("words", [["--action=install"], ["--tenant=acme"]])
def test_both_options_are_needed(words: list[str]) -> None:
    assert main(["deploy", *words]) == Exit.BAD_INPUT
