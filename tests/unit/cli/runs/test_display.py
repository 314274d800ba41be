from __future__ import annotations

import io
from uuid import UUID

import pytest
from rich.console import Console

from cutover.cli.exits import Exit
from cutover.cli.runs.display import Plain, final_lines
from cutover.cli.runs.follow import NOISE, Ended
from cutover.cli.runs.live import Live
from cutover.cli.runs.operation import document
from cutover.cli.runs.progress import Step
from cutover.cli.runs.request import Request

RUN = UUID("01990000-0000-7000-8000-000000000000")
ROW = {"host": "app_1", "component": "nginx", "action": "restart", "result": "failed", "seconds": 1.25}
ENDED = Ended(RUN, "install acme", "FAILED", "Failed", "1 of 9", 12.34, (), (ROW | {"message": "no answer\nwhy"},), "")


def test_plain_lines_say_each_beginning_and_end_once() -> None:
    said: list[str] = []
    plain = Plain(said.append, lambda run: f"https://ops/{run}")
    plain.begun("install acme", RUN)
    for kind in ("PENDING", "RUNNING", "RUNNING", "COMPLETED", "COMPLETED"):
        plain.steps([Step("nginx", "app_1", kind, kind.title(), 2.0)])
    plain.line(30, "app_1: slow")
    assert said[0] == f"install acme: https://ops/{RUN}"
    assert [line[9:] for line in said[1:]] == [
        "nginx on app_1: running",
        "nginx on app_1: completed (2.0 s)",
        "! app_1: slow",
    ]


def test_the_end_is_a_table_and_one_sentence() -> None:
    table, sentence = final_lines(ENDED)
    assert table.splitlines()[1].split("  ")[-1] == "no answer"
    assert sentence == "install acme: Failed: 1 of 9 (12.3 s)"
    assert final_lines(ENDED, table=False) == [sentence]


def test_a_terminal_shows_components_by_hosts() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)
    with Live(["data_1", "app_1"], str, console) as live:
        live.begun("install acme", RUN)
        live.steps(
            [Step("observe", "data_1", "COMPLETED", "Completed", 0.4), Step("nginx", "app_1", "FAILED", "Failed", 3)]
        )
        live.line(40, "app_1: broken")
    text = screen.getvalue()
    assert "data_1" in text
    assert "✓ 0.4 s" in text
    assert "✗ 3.0 s" in text
    assert "app_1: broken" in text


def test_the_document_of_a_run_has_its_exit_code_state_and_result() -> None:
    shown = document(Request("install", "acme"), ENDED, Exit.FAILED)
    assert (shown["ok"], shown["exit"], shown["operation"], shown["tenant"]) == (False, 1, "install", "acme")
    assert shown["state"] == {"name": "Failed", "type": "FAILED", "message": "1 of 9"}
    assert shown["result"] == ENDED.result


@pytest.mark.parametrize(
    ("message", "noise"),
    [
        ("Finished in state Completed()", True),
        ("Running 1 deployment pull step(s)", True),
        ("Beginning flow run 'install acme' for flow 'install'", True),
        ("app_1: Running migrations", False),
        ("Encountered exception during execution", False),
    ],
)
def test_what_prefect_says_of_itself_is_left_out(message: str, noise: bool) -> None:
    assert (NOISE.match(message) is not None) is noise
