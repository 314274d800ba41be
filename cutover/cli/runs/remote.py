"""A run at a Prefect server: started from the operation's deployment, worked on by a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from logging import INFO
from typing import TYPE_CHECKING
from uuid import UUID

from cutover.cli.runs.follow import Ended, follow
from cutover.cli.runs.request import Request
from cutover.cli.runs.watcher import Watcher
from cutover.cli.server import connection
from cutover.cli.server.registration import Registrar
from cutover.errors import CutoverError, Finding

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun

CONFLICT = (409, 422)
"""How a server answers that refuses the parameters of a run."""


class NotOfferedError(CutoverError):
    """The server does not offer this operation, or not for this tenant."""


class TenantNotOfferedError(NotOfferedError):
    """The server offers this operation, but not for this tenant."""


async def run(
    environment: dict[str, str],
    request: Request,
    hosts: Sequence[str],
    watcher: Watcher,
    *,
    started: Callable[[UUID], None],
    registrar: Registrar | None,
) -> Ended:
    """
    Start a run of the operation's deployment and follow it to its end.

    `started` is told the run's id as soon as there is one. What the server does not know yet is registered there, when
    there is a `registrar`. Raises NotOfferedError: the server does not know the operation, or not this tenant.
    """
    async with connection.client(environment) as client:
        try:
            begun = await start(client, request)
        except NotOfferedError as error:
            if registrar is None:
                raise
            watcher.line(INFO, f"{request.tenant or request.operation} is new to the server: registering it")
            if isinstance(error, TenantNotOfferedError):
                await registrar.tenants(client)
            else:
                await asyncio.to_thread(registrar.everything)
            begun = await start(client, request)
        started(begun.id)
        watcher.begun(begun.name, begun.id)
        return await follow(client, begun.id, hosts, watcher)


def connection_lost(error: Exception) -> bool:
    """Return whether an error means that the server went away."""
    from httpx import TransportError

    return isinstance(error, TransportError)


async def start(client: PrefectClient, request: Request) -> FlowRun:
    """
    Ask for a run; it carries the name and tags by which people find it while it still waits.

    Raises NotOfferedError (CUT-616).
    """
    from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

    deployed = f"{request.operation}/{request.operation}"
    where = f"deployment {deployed}"
    todo = "register the flows with `cutover up` (another server: `cutover up --register`)"
    try:
        deployment = await client.read_deployment_by_name(deployed)
        return await client.create_flow_run_from_deployment(
            deployment.id, parameters=request.parameters, name=request.name, tags=request.tags
        )
    except ObjectNotFound as cause:
        what = "the server does not know this operation"
        raise NotOfferedError(Finding("CUT-616", what, where, todo=todo)) from cause
    except PrefectHTTPStatusError as cause:
        if cause.response.status_code not in CONFLICT:
            raise
        why = str(cause.response.json().get("detail", ""))
        what = f"the server refuses {f'tenant {request.tenant}' if request.tenant else 'the parameters'}"
        raise TenantNotOfferedError(Finding("CUT-616", what, where, why, todo)) from cause
