"""A run at a Prefect server: started from the operation's deployment, worked on by a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from logging import INFO
from typing import TYPE_CHECKING
from uuid import UUID

from cutover.cli.runs.follow import Ended, Watcher, follow
from cutover.cli.server import connection
from cutover.errors import CutoverError, Finding

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun

CONFLICT = (409, 422)
"""How a server answers that refuses the parameters of a run."""


class NotOfferedError(CutoverError):
    """The server does not offer this operation, or not for this tenant."""


async def run(
    environment: dict[str, str],
    operation: str,
    tenant: str,
    hosts: Sequence[str],
    watcher: Watcher,
    *,
    started: Callable[[UUID], None],
    register: Callable[[], None] | None,
) -> Ended:
    """
    Start a run of the operation's deployment and follow it to its end.

    `started` is told the run's id as soon as there is one. What the server does not know yet is registered there,
    where `register` says how. Raises NotOfferedError: the server does not know the operation, or not this tenant.
    """
    async with connection.client(environment) as client:
        try:
            begun = await start(client, operation, tenant)
        except NotOfferedError:
            if register is None:
                raise
            watcher.line(INFO, f"{tenant} is new to the server: registering it")
            await asyncio.to_thread(register)
            begun = await start(client, operation, tenant)
        started(begun.id)
        watcher.begun(begun.name, begun.id)
        return await follow(client, begun.id, hosts, watcher)


def connection_lost(error: Exception) -> bool:
    """Return whether an error means that the server went away."""
    from httpx import TransportError

    return isinstance(error, TransportError)


async def start(client: PrefectClient, operation: str, tenant: str) -> FlowRun:
    """
    Ask for a run; it carries the name and tags by which people find it while it still waits.

    Raises NotOfferedError (CUT-616).
    """
    from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

    where = f"deployment {operation}/{operation}"
    todo = "register the flows with `cutover up` (another server: `cutover up --register`)"
    try:
        deployment = await client.read_deployment_by_name(f"{operation}/{operation}")
        return await client.create_flow_run_from_deployment(
            deployment.id,
            parameters={"tenant": tenant},
            name=f"{operation} {tenant}",
            tags=[f"op:{operation}", f"tenant:{tenant}"],
        )
    except ObjectNotFound as cause:
        what = "the server does not know this operation"
        raise NotOfferedError(Finding("CUT-616", what, where, todo=todo)) from cause
    except PrefectHTTPStatusError as cause:
        if cause.response.status_code not in CONFLICT:
            raise
        why = str(cause.response.json().get("detail", ""))
        raise NotOfferedError(Finding("CUT-616", f"the server refuses tenant {tenant}", where, why, todo)) from cause
