"""The work pool and its workers, seen through Prefect's API."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from cutover.cli.server.settings import POOL

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun

WORKER = f"cutover on {socket.gethostname()}"
"""The name of the worker that `up` starts."""

LIVE = ["PENDING", "RUNNING", "CANCELLING"]


async def ensure(client: PrefectClient) -> None:
    """Make the work pool unless it is there, and let it hand out work."""
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
    from prefect.exceptions import ObjectNotFound
    from prefect.workers.process import ProcessWorker

    try:
        pool = await client.read_work_pool(POOL)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        await client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))
        return
    if pool.is_paused:
        await client.update_work_pool(POOL, WorkPoolUpdate(is_paused=False))


async def pause(client: PrefectClient) -> None:
    """Let the work pool hand out nothing more; runs that were started go on."""
    from prefect.client.schemas.actions import WorkPoolUpdate

    await client.update_work_pool(POOL, WorkPoolUpdate(is_paused=True))


async def online(client: PrefectClient, worker: str = WORKER) -> bool:
    """Return whether the worker of that name has reported to the server lately."""
    from prefect.client.schemas.filters import WorkerFilter, WorkerFilterStatus
    from prefect.client.schemas.objects import WorkerStatus

    reporting = WorkerFilter(status=WorkerFilterStatus(any_=[WorkerStatus.ONLINE]))
    return any(found.name == worker for found in await client.read_workers_for_work_pool(POOL, reporting))


async def live_runs(client: PrefectClient) -> list[FlowRun]:
    """Return the pool's runs that have begun and, as far as the server knows, not ended."""
    from prefect.client.schemas.filters import FlowRunFilter, WorkPoolFilter

    return await client.read_flow_runs(
        work_pool_filter=WorkPoolFilter.model_validate({"name": {"any_": [POOL]}}),
        flow_run_filter=FlowRunFilter.model_validate({"state": {"type": {"any_": LIVE}}}),
    )


async def runs_here(client: PrefectClient) -> list[FlowRun]:
    """Return the live runs whose process is on this machine, or is not there yet: it may come to be here."""
    return [run for run in await live_runs(client) if not run.infrastructure_pid or works_on(run)]


def works_on(run: FlowRun) -> bool:
    """Return whether the process that the server knows a run by is on this machine, and still works on this run."""
    try:
        environment = Path(f"/proc/{run.infrastructure_pid}/environ").read_bytes()
    except OSError:
        return False
    return f"PREFECT__FLOW_RUN_ID={run.id}".encode() in environment.split(b"\0")


async def drained(client: PrefectClient) -> None:
    """Return when no run is under way on this machine any more."""
    while await runs_here(client):  # noqa: ASYNC110 - what is waited for happens in other processes
        await asyncio.sleep(1)


async def mark_crashed(client: PrefectClient) -> list[str]:
    """Mark the runs that were killed with their worker, else they look alive for ever; return their names."""
    from prefect.states import Crashed

    killed = await live_runs(client)
    for run in killed:
        await client.set_flow_run_state(run.id, Crashed(message="killed by `cutover down --now`"), force=True)
    return [run.name for run in killed]
