"""The work pool and its workers, seen through Prefect's API."""

from __future__ import annotations

import asyncio
import socket
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


async def live_runs(client: PrefectClient, here: bool = False) -> list[FlowRun]:
    """Return the pool's runs that have begun and not ended; with `here` only those this host works on."""
    from prefect.client.schemas.filters import FlowRunFilter, WorkPoolFilter

    runs = await client.read_flow_runs(
        work_pool_filter=WorkPoolFilter.model_validate({"name": {"any_": [POOL]}}),
        flow_run_filter=FlowRunFilter.model_validate({"state": {"type": {"any_": LIVE}}}),
    )
    own = f"{socket.gethostname()}:"
    return [run for run in runs if not here or (run.infrastructure_pid or own).startswith(own)]


async def drained(client: PrefectClient, here: bool = False) -> None:
    """Return when no run of the pool is under way any more."""
    while await live_runs(client, here):  # noqa: ASYNC110 - what is waited for happens at the server
        await asyncio.sleep(1)


async def mark_crashed(client: PrefectClient) -> list[str]:
    """Mark the runs that were killed with their worker, else they look alive for ever; return their names."""
    from prefect.states import Crashed

    killed = await live_runs(client)
    for run in killed:
        await client.set_flow_run_state(run.id, Crashed(message="killed by `cutover down --now`"), force=True)
    return [run.name for run in killed]
