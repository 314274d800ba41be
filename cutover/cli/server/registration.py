"""
What the server knows of Cutover: everything of prefect.yaml, registered by Prefect's own command, and the tenants that
its forms offer.
"""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutover.cli.server.home import root
from cutover.cli.server.settings import POOL
from cutover.errors import CutoverError, Finding
from cutover.inventory import names

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient


def register(environment: Mapping[str, str], log: Path) -> None:
    """
    Register the deployments of prefect.yaml, with the tenants that exist now in the form's list.

    Doing it again changes what has changed. Raises CutoverError (CUT-614) with the last lines of the command.
    """
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    done = subprocess.run(
        [*command, "--prefect-file", str(root() / "prefect.yaml")],
        env=dict(environment),
        cwd=root(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    log.write_text(done.stdout)
    if done.returncode:
        why = "\n".join(done.stdout.splitlines()[-15:])
        todo = f"the whole output is in {log}"
        raise CutoverError(Finding("CUT-614", "the flows could not be registered", "prefect.yaml", why, todo))


@dataclass(frozen=True, slots=True)
class Registrar:
    """Registers what a server does not know yet: `folder` holds the tenants, `log` gets what Prefect's command says."""

    environment: Mapping[str, str]
    log: Path
    folder: Path

    def everything(self) -> None:
        """Register all deployments, tenants included; it takes seconds."""
        register(self.environment, self.log)

    async def tenants(self, client: PrefectClient) -> None:
        """Have the deployments that are there offer the tenants of now."""
        await offer(client, names(self.folder))


async def offer(client: PrefectClient, tenants: Iterable[str]) -> None:
    """Have the registered flows take these tenants, and no others, from now on; their forms list them."""
    from prefect.client.schemas.actions import DeploymentUpdate
    from prefect.client.schemas.filters import WorkPoolFilter

    offered = list(tenants)
    pool = WorkPoolFilter.model_validate({"name": {"any_": [POOL]}})
    for deployment in await client.read_deployments(work_pool_filter=pool):
        schema = deployment.parameter_openapi_schema or {}
        offering = with_tenants(schema, offered)
        if offering != schema:
            update = DeploymentUpdate.model_validate({"parameter_openapi_schema": offering})
            await client.update_deployment(deployment.id, update)


def with_tenants(schema: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Return the schema of a flow's parameters with `names` as the tenants to choose from, where it has a choice."""
    offering = copy.deepcopy(dict(schema))
    properties = offering.get("properties", {})
    for choice in (properties.get("tenant", {}), properties.get("tenants", {}).get("items", {})):
        if "enum" in choice:
            choice["enum"] = names
    return offering
