from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import Artifact, FlowRun, Log, TaskRun
from prefect.states import Completed, Running

from cutover.cli.runs import follow
from cutover.cli.runs.progress import Step

RUN = uuid4()


class Server:
    """A Prefect server with a run that is over when its state has been asked for a number of times."""

    def __init__(self, asked: int) -> None:
        self.states, self.looks = 0, 0
        self._asked = asked

    async def read_flow_run(self, run: UUID) -> FlowRun:
        self.states += 1
        state: Any = Completed(message="done") if self.states >= self._asked else Running()
        return FlowRun(id=run, flow_id=uuid4(), name="install acme", state=state)

    async def read_task_runs(self, **wanted: Any) -> list[TaskRun]:
        self.looks += 1
        return [TaskRun(name="nginx on app", task_key="nginx", dynamic_key="0", state=Completed())]

    async def read_logs(self, *wanted: Any, **page: Any) -> list[Log]:
        texts = ("app: works on nginx", "Finished in state Completed()")
        return [
            Log(id=uuid4(), name="cutover", level=30, message=text, timestamp=datetime.now(UTC), flow_run_id=RUN)
            for text in texts
        ]

    async def read_artifacts(self, **wanted: Any) -> list[Artifact]:
        return [Artifact(key="plan-acme", data="# Plan")]


class Shown:
    """Notes what a person would see."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.seen: Sequence[Step] = ()

    def begun(self, name: str, identity: UUID) -> None:
        """The run is known."""

    def steps(self, steps: Sequence[Step]) -> None:
        self.seen = steps

    def line(self, level: int, text: str) -> None:
        self.texts.append(text)

    def waits(self, reason: str) -> None:
        """Nobody takes it up."""

    def shows(self, plan: str) -> None:
        """Its plan."""

    def aside(self) -> AbstractContextManager[bool]:
        return nullcontext(False)


def followed(server: Server) -> tuple[follow.Ended, Shown]:
    shown = Shown()
    ended = asyncio.run(follow.follow(cast("PrefectClient", server), RUN, ["app"], shown))
    return ended, shown


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "pause", lambda elapsed: 0.0)


def test_what_nobody_has_looked_at_on_the_way_is_shown_at_the_end() -> None:
    ended, shown = followed(Server(asked=1))
    assert (ended.state, ended.message, ended.plan) == ("Completed", "done", "# Plan")
    assert [(step.what, step.host, step.state) for step in shown.seen] == [("nginx", "app", "Completed")]
    assert "app: works on nginx" in shown.texts


@pytest.mark.parametrize(("every", "looks"), [(3600.0, 1), (0.0, 50)])
def test_steps_and_log_are_asked_for_less_often_than_the_state(
    monkeypatch: pytest.MonkeyPatch, every: float, looks: int
) -> None:
    monkeypatch.setattr(follow, "LOOK_EVERY", every)
    server = Server(asked=50)
    followed(server)
    assert (server.states, server.looks) == (50, looks)
