"""The tenants an operator can choose from, and loading one of them."""

from __future__ import annotations

import asyncio
import getpass
import socket
from typing import Annotated, Any

from prefect.blocks.system import Secret as SecretBlock
from prefect.runtime import flow_run
from pydantic import Field

from cutover.errors import CutoverError, Finding
from cutover.hosts.lease import Lease
from cutover.inventory import Layout, Tenant, load, names
from cutover.products.omnileads import findings

TenantName = Annotated[
    str,
    Field(json_schema_extra={"enum": list(names())}, description="The tenant: a folder in tenants/"),
]
"""A tenant's name; the form in the Prefect UI offers the folders that exist when the flow is deployed."""


def _secret_block(name: str) -> str:
    return str(asyncio.run(_load_secret(name)).get())


async def _load_secret(name: str) -> SecretBlock[Any]:
    return await SecretBlock.aload(name)


async def load_tenant(name: str) -> Tenant:
    """
    Return a tenant with its secrets resolved, and with what the catalogue finds doubtful among its warnings.

    Raises CutoverError with everything that is wrong with it, e.g. a release that nobody knows.
    """
    tenant = await asyncio.to_thread(load, name, secret_block=_secret_block)
    return tenant.with_warnings(findings(tenant))


def refuse_pairs(tenant: Tenant) -> None:
    """Raise CutoverError (CUT-431) for a tenant whose hosts stand in for each other, which an operation cannot do."""
    if tenant.layout is Layout.HA:
        todo = "`install` brings an HA tenant to what its inventory says, the passive hosts first"
        raise CutoverError(Finding("CUT-431", "this flow does not do HA tenants", str(tenant.folder), todo=todo))


def who() -> str:
    """Return the user and the controller that this run works for."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def this_run() -> str:
    """Return the id of this flow run."""
    return str(flow_run.get_id() or "none")


def lease_for(operation: str, *, mends: bool = False) -> Lease:
    """
    Return the lease of an operation of this run, naming the user, the controller and the run as its holder.

    With `mends` it is had also while hosts wait for the operation in order to get back to an old state.
    """
    return Lease.new(operation, who(), this_run(), mends=mends)
