"""What is said of a host that does not give an answer, on a real one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cutover.errors import HostUnreachableError
from cutover.hosts.connection import SILENT, Connection, Connections
from cutover.inventory import Tenant, load
from tests.lab import tenants
from tests.lab.conftest import MakeHosts
from tests.lab.host import Host
from tests.lab.lab import Lab

pytestmark = pytest.mark.lab


@pytest.fixture
def host(hosts: MakeHosts) -> Host:
    (made,) = hosts(1)
    return made


@pytest.fixture
def tenant(lab: Lab, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tenant:
    monkeypatch.setenv("CUTOVER_SSH_KEY", str(lab.settings.key))
    return load(tenants.make(tmp_path, "slow", "aio", [host]).name, tmp_path)


async def refused(connection: Connection, patience: float) -> str:
    """Ask for what takes a minute, and return the code of the error."""
    with pytest.raises(HostUnreachableError) as raised:
        await connection.run("sleep 60", patience=patience)
    return raised.value.findings[0].code


def test_a_host_that_hangs_is_told_from_one_that_is_away(tenant: Tenant, host: Host) -> None:
    async def codes() -> list[str]:
        async with Connections(tenant) as connections:
            connection = await connections.to(tenant.hosts[0].name)
            hanging = await refused(connection, SILENT + 3)
            host.cut()
            return [hanging, await refused(connection, 50)]

    assert asyncio.run(codes()) == ["CUT-206", "CUT-201"]
