"""A run that is paused waits for a person's yes: shown what it is about to do, asked on the terminal, passed on."""

from __future__ import annotations

import asyncio
import getpass
import socket
import sys
from typing import TYPE_CHECKING

from cutover.errors import CutoverError, Finding

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun

    from cutover.cli.runs.watcher import Watcher

QUESTION = "Go on? Type yes, or anything else to stop: "
LOOK_EVERY = 1.0
"""Seconds between two looks whether somebody has answered in the UI meanwhile."""


async def ask(client: PrefectClient, run: FlowRun, plan: str, watcher: Watcher) -> None:
    """
    Show a paused run's plan, ask on the terminal, and resume the run with the answer.

    An answer given in the UI meanwhile ends the question. Raises CutoverError (CUT-340) where nobody can be asked.
    """
    watcher.shows(plan)
    with watcher.aside() as terminal:
        if not terminal or not sys.stdin.isatty():
            raise CutoverError(_unanswered(run))
        answer = await _answer(client, run)
    if answer is not None:
        who = f"{getpass.getuser()}@{socket.gethostname()}"
        decision = "go on" if answer == "yes" else "abort"
        await client.resume_flow_run(run.id, run_input={"decision": decision, "name": who})


def _unanswered(run: FlowRun) -> Finding:
    why = "it changes a tenant in use, and there is no terminal to ask on"
    todo = "resume it in the Prefect UI within half an hour, or cancel it and run the same command with --yes"
    return Finding("CUT-340", "the run waits for a yes", run.name, why, todo)


async def _answer(client: PrefectClient, run: FlowRun) -> str | None:
    """Return what is typed in answer, None when the run is no longer paused."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        if not typed.done():
            typed.set_result(sys.stdin.readline().strip().lower())

    print(QUESTION, end="", flush=True)
    loop.add_reader(sys.stdin.fileno(), read)
    try:
        while True:
            done, _ = await asyncio.wait({typed}, timeout=LOOK_EVERY)
            if done:
                return typed.result()
            state = (await client.read_flow_run(run.id)).state
            if state is None or not state.is_paused():
                print("answered elsewhere")
                return None
    finally:
        loop.remove_reader(sys.stdin.fileno())
