"""A run without a server to go to: the flow runs in this process, a server of its own keeps its history."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from cutover.cli.runs.follow import INTERVAL, Ended, follow
from cutover.cli.runs.request import Request
from cutover.cli.runs.watcher import Watcher
from cutover.cli.server import connection, controller, process, settings
from cutover.cli.server.home import root

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.orchestration import PrefectClient

QUIET = {
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}
"""What a server needs not do that lives for one run."""

OWN_LOG = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL", "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "0.5"}
"""The run's log goes to the server, from where the follower shows it: never twice, and soon."""


@contextmanager
def server(home: Path, tenants: Path, say: Callable[[str], None]) -> Iterator[dict[str, str]]:
    """Run a server on a free port, with the database that `up` would use; gives the environment of a run there."""
    say("no Prefect server is up: running in place")
    with socket.socket() as free:
        free.bind((settings.HOST, 0))
        port: int = free.getsockname()[1]
    started = controller.launch_server(home, port, "in-place", QUIET, tied=True)
    environment = settings.runs(home, settings.api(port), tenants) | OWN_LOG
    try:
        connection.prepare(environment)
        controller.await_server(home, started, "in-place")
        yield environment
    finally:
        process.end(started.process, 15)


async def run(environment: dict[str, str], request: Request, hosts: Sequence[str], watcher: Watcher) -> Ended:
    """Run the operation's flow in this process and follow it as if it ran anywhere else."""
    async with connection.client(environment) as client:
        mark = f"in-place:{uuid4()}"
        flow = load_flow(request.operation)
        work = asyncio.create_task(_work(flow, request, mark))
        try:
            identity, name = await _found(client, mark, work)
            watcher.begun(name, identity)
            return await follow(client, identity, hosts, watcher)
        finally:
            work.cancel()
            await asyncio.wait([work])


def load_flow(operation: str) -> Flow[Any, Awaitable[Any]]:
    """Return the flow that prefect.yaml names for an operation."""
    from ruamel.yaml import YAML

    described = YAML(typ="safe").load((root() / "prefect.yaml").read_text())["deployments"]
    entrypoint = next(each["entrypoint"] for each in described if each["name"] == operation)
    module, _, name = entrypoint.partition(":")
    sys.path.insert(0, str(root()))
    os.chdir(root())
    flow: Flow[Any, Awaitable[Any]] = getattr(import_module(module), name)
    return flow


async def _work(flow: Flow[Any, Awaitable[Any]], request: Request, mark: str) -> None:
    from prefect import tags

    with tags(mark, *request.tags):
        await flow(**request.parameters, return_state=True)


async def _found(client: PrefectClient, mark: str, work: asyncio.Task[None]) -> tuple[UUID, str]:
    """Return id and name of the run that carries `mark`. Raises what kept the run from coming into being."""
    from prefect.client.schemas.filters import FlowRunFilter

    wanted = FlowRunFilter.model_validate({"tags": {"all_": [mark]}})
    while True:
        over = work.done()
        runs = await client.read_flow_runs(flow_run_filter=wanted, limit=1)
        if runs and (runs[0].name or over):
            return runs[0].id, runs[0].name
        if over:
            work.result()
            raise RuntimeError(f"the flow ended without a run: {mark}")
        await asyncio.sleep(INTERVAL)
