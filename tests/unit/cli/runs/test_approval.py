"""A run that waits for a yes: asked on a terminal, left waiting elsewhere."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Paused, Running

from cutover.cli.exits import Exit, of_error
from cutover.cli.runs.approval import ask
from cutover.cli.runs.display import Plain
from cutover.cli.runs.live import Live
from cutover.errors import CutoverError

RUN = FlowRun(id=uuid4(), flow_id=uuid4(), name="restore acme", state=Paused())
PLAN = "# Restore acme\n\nThe outage is about two minutes."


class Server:
    """Answers as a Prefect server whose run is paused, or was resumed by somebody else."""

    def __init__(self, resumed: bool = False) -> None:
        self.run = RUN.model_copy(update={"state": Running()}) if resumed else RUN
        self.answers: list[dict[str, Any]] = []

    async def read_flow_run(self, run: UUID) -> FlowRun:
        return self.run

    async def resume_flow_run(self, run: UUID, run_input: dict[str, Any]) -> None:
        self.answers.append(run_input)


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A pseudo-terminal as standard input; what is written here is typed there."""
    ours, its = os.openpty()
    with os.fdopen(its) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield ours
    os.close(ours)


def asked(server: Server) -> None:
    with Live([], str) as watcher:
        asyncio.run(ask(server, RUN, PLAN, watcher))  # type: ignore[arg-type]


@pytest.mark.parametrize(("typed", "decision"), [("yes", "go on"), ("no", "abort"), ("", "abort"), ("ye", "abort")])
def test_only_yes_lets_the_run_go_on(
    keyboard: int, typed: str, decision: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server()
    os.write(keyboard, f"{typed}\n".encode())
    asked(server)
    assert [answer["decision"] for answer in server.answers] == [decision]
    assert server.answers[0]["name"].startswith("root@" if os.getuid() == 0 else "")
    assert "two minutes" in capsys.readouterr().out


def test_an_answer_in_the_ui_ends_the_question(keyboard: int, capsys: pytest.CaptureFixture[str]) -> None:
    server = Server(resumed=True)
    asked(server)
    assert server.answers == []
    assert "answered elsewhere" in capsys.readouterr().out


def test_where_nobody_can_be_asked_the_run_is_left_waiting_and_that_is_said() -> None:
    said: list[str] = []
    server = Server()
    with pytest.raises(CutoverError) as refused:
        asyncio.run(ask(server, RUN, PLAN, Plain(said.append, str)))  # type: ignore[arg-type]
    (finding,) = refused.value.findings
    assert finding.code == "CUT-340"
    assert "--yes" in finding.todo
    assert of_error(refused.value) is Exit.REFUSED
    assert said == [PLAN]
    assert server.answers == []
