"""A run is followed by asking the server: its state, its task runs, its log, and what it leaves behind."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cutover.cli.runs.approval import ask
from cutover.cli.runs.progress import Step, parse
from cutover.cli.runs.watcher import Watcher

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun, Log, TaskRun

INTERVAL = 0.4
"""Seconds between two questions for the state of a run that has just begun."""

LOOK_EVERY = 1.0
"""Seconds between two looks at its steps and its log, which cost the server far more than its state does."""

LONGEST_INTERVAL = 2.0
"""Seconds between two questions for the state of a run that goes on for long."""

LATE = 20.0
"""Seconds after which a run that nobody took up is worth a word."""

TAIL = 15.0
"""Seconds the last task states and log lines may come after the run's own end; they are written in batches."""

PAGE = 200

NOISE = re.compile(
    r"Beginning flow run|Finished in state|Created task run|View at |All deployment steps|Deployment step "
    r"|Executing deployment step|Running \d+ deployment pull step"
    r"|Task run failed with exception: \w*(CutoverError|StoppedError|HostUnreachableError)\("
)
"""What Prefect says in a run's log about itself; the steps and the run's own last words say it better."""

NOISY = ("prefect.worker", "prefect.runner", "prefect.flow_runs.worker", "prefect.flow_runs.runner")
"""Loggers that tell how a process was started."""


@dataclass(frozen=True, slots=True)
class Ended:
    """
    A run that is over.

    `kind`, `state` and `message` are the type, name and text of its final state; `result` the rows of its result
    table, `plan` its plan as Markdown and `cluster` the table of an HA tenant's hosts, each empty when it made none.
    """

    identity: UUID
    name: str
    kind: str
    state: str
    message: str
    seconds: float
    steps: tuple[Step, ...] = ()
    result: tuple[dict[str, Any], ...] = ()
    plan: str = ""
    cluster: tuple[dict[str, Any], ...] = ()


@dataclass
class LogTail:
    """The lines of a run's log that were not seen yet; a line may arrive after younger ones of another process."""

    run: UUID
    seen: set[UUID] = field(default_factory=set)
    tasks: set[UUID] = field(default_factory=set)
    newest: datetime | None = None
    finished: bool = False

    async def lines(self, client: PrefectClient) -> list[Log]:
        """Return the lines that are new, oldest first."""
        found = await self._read(client)
        new = [line for line in found if line.id not in self.seen]
        self.seen.update(line.id for line in new if line.id)
        self.tasks.update(line.task_run_id for line in new if line.task_run_id)
        self.newest = max((line.timestamp for line in found), default=self.newest)
        self.finished |= any(line.task_run_id is None and line.message.startswith("Finished in state") for line in new)
        return new

    async def _read(self, client: PrefectClient) -> list[Log]:
        from prefect.client.schemas.filters import LogFilter

        wanted: dict[str, Any] = {"flow_run_id": {"any_": [self.run]}}
        if self.newest:
            wanted["timestamp"] = {"after_": self.newest - timedelta(seconds=10)}
        log_filter = LogFilter.model_validate(wanted)
        lines: list[Log] = []
        while page := await client.read_logs(log_filter, limit=PAGE, offset=len(lines)):
            lines += page
            if len(page) < PAGE:
                break
        return lines


async def follow(client: PrefectClient, run: UUID, hosts: Sequence[str], watcher: Watcher) -> Ended:
    """
    Show a run to the watcher until it is over, and return how it ended.

    Whenever it waits for a yes the person at the terminal is asked; raises CutoverError (CUT-340) when there is none.
    """
    log = LogTail(run)
    began = looked = time.monotonic()
    warned, asked = False, ""
    while True:
        seen = await client.read_flow_run(run)
        if seen.state and seen.state.is_final():
            break
        if time.monotonic() - looked >= LOOK_EVERY:
            await look(client, run, hosts, watcher, log)
            looked = time.monotonic()
        if not warned and time.monotonic() - began > LATE and seen.state and seen.state.is_scheduled():
            warned = True
            watcher.waits("no worker has taken the run up yet: does one run, and is the work pool not paused?")
        if (pause_key := _pause_of(seen)) and pause_key != asked:
            asked = pause_key
            await ask(client, seen, str((await _artifacts(client, run)).get("plan", "")), watcher)
        await asyncio.sleep(pause(time.monotonic() - began))
    steps = await _last_look(client, run, hosts, watcher, log)
    return await _ended(client, seen, steps)


def _pause_of(run: FlowRun) -> str:
    """Return which of its questions a run waits with, an empty text when it waits with none."""
    return (run.state.state_details.pause_key or "once") if run.state and run.state.is_paused() else ""


def pause(elapsed: float) -> float:
    """Return the seconds until the next question for a run that is followed for `elapsed` seconds."""
    return min(max(INTERVAL, elapsed / 25), LONGEST_INTERVAL)


async def look(
    client: PrefectClient, run: UUID, hosts: Sequence[str], watcher: Watcher, log: LogTail
) -> tuple[Step, ...]:
    """Show what is new, and return all steps as they are now."""
    steps = await read_steps(client, run, hosts)
    watcher.steps(steps)
    for line in await log.lines(client):
        if not _noise(line):
            watcher.line(line.level, line.message)
    return steps


async def _last_look(
    client: PrefectClient, run: UUID, hosts: Sequence[str], watcher: Watcher, log: LogTail
) -> tuple[Step, ...]:
    deadline = time.monotonic() + TAIL
    while True:
        steps = await look(client, run, hosts, watcher, log)
        complete = log.finished and len(log.tasks) <= len(steps) and all(step.done for step in steps)
        if complete or time.monotonic() > deadline:
            return steps
        await asyncio.sleep(INTERVAL)


def _noise(line: Log) -> bool:
    if line.level < logging.INFO or NOISE.match(line.message):
        return True
    return line.level < logging.WARNING and line.name.startswith(NOISY)


async def read_steps(client: PrefectClient, run: UUID, hosts: Sequence[str]) -> tuple[Step, ...]:
    """Return a run's task runs as steps, in the order they were meant to start."""
    from prefect.client.schemas.filters import FlowRunFilter
    from prefect.client.schemas.sorting import TaskRunSort

    own = FlowRunFilter.model_validate({"id": {"any_": [run]}})
    found: list[TaskRun] = []
    while True:
        page = await client.read_task_runs(
            flow_run_filter=own, sort=TaskRunSort.EXPECTED_START_TIME_ASC, limit=PAGE, offset=len(found)
        )
        found += page
        if len(page) < PAGE:
            return tuple(_step(task, hosts) for task in found if not _stands_for_a_run(task))


def _step(task: TaskRun, hosts: Sequence[str]) -> Step:
    what, host = parse(task.name, hosts)
    kind, state = (task.state.type.value, task.state.name or "") if task.state else ("PENDING", "Pending")
    return Step(what, host, kind, state, task.estimated_run_time.total_seconds())


def _stands_for_a_run(task: TaskRun) -> bool:
    """Return whether Prefect made up a task run for a run below this one; it has a number for a name."""
    return bool(task.state and task.state.state_details.child_flow_run_id)


async def _ended(client: PrefectClient, run: FlowRun, steps: tuple[Step, ...]) -> Ended:
    assert run.state is not None  # noqa: S101 - it was final
    left = await _artifacts(client, run.id)
    table, cluster = _table(left.get("result", left.get("fleet"))), _table(left.get("cluster"))
    return Ended(
        run.id,
        run.name,
        run.state.type.value,
        run.state.name or "",
        run.state.message or "",
        run.estimated_run_time.total_seconds(),
        steps,
        table,
        str(left.get("plan", "")),
        cluster,
    )


def _table(data: Any) -> tuple[dict[str, Any], ...]:
    """Return the rows of a table artifact, none when there is none."""
    return tuple(json.loads(data) if isinstance(data, str) else data or ())


async def _artifacts(client: PrefectClient, run: UUID) -> dict[str, Any]:
    """Return what a run left in the UI, by the first word of its key ("plan", "result")."""
    from prefect.client.schemas.filters import ArtifactFilter
    from prefect.client.schemas.sorting import ArtifactSort

    own = ArtifactFilter.model_validate({"flow_run_id": {"any_": [run]}})
    found = await client.read_artifacts(artifact_filter=own, sort=ArtifactSort.CREATED_DESC)
    return {(artifact.key or "").partition("-")[0]: artifact.data for artifact in reversed(found)}
