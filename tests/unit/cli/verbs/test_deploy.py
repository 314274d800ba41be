from __future__ import annotations

import pytest

from cutover.cli.arguments import Parser
from cutover.cli.exits import Exit
from cutover.cli.main import main, parser
from cutover.cli.verbs.deploy import CLUSTER, PARTIAL, VERBS, refuse
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


@pytest.mark.parametrize("action", [*VERBS, *CLUSTER, *PARTIAL])
def test_what_is_offered_is_not_refused(action: str) -> None:
    refuse(action)


@pytest.mark.parametrize("action", PARTIAL)
def test_every_partial_action_means_components_that_there_are(action: str) -> None:
    found, unknown = named([action], frozenset(component.name for component in CATALOGUE))
    assert found
    assert not unknown


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("pgsql_node_recovery_main", ("recover", "sql_1", None)),
        ("pgsql_node_recovery_backup", ("recover", "sql_2", None)),
        ("pgsql_node_takeover_main", ("takeover", None, ["postgresql"])),
        ("redis_node_takeover_main", ("takeover", None, ["redis"])),
    ],
)
def test_w36_w37_w38_actions_on_a_cluster_mean_recovering_that_node_and_taking_over_that_part(
    action: str, expected: tuple[str, str | None, list[str] | None]
) -> None:
    verb, words = CLUSTER[action]
    read = Parser()
    verb.add_arguments(read)
    given = read.parse_args(["acme", *words])
    assert (verb.NAME, getattr(given, "node", None), getattr(given, "part", None)) == expected


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
