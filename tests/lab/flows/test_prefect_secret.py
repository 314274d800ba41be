"""A secret that only Prefect holds reaches the run, and nothing else needs it."""

from __future__ import annotations

import subprocess

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller
from tests.lab.flows.conftest import PORT
from tests.lab.flows.installed import installed
from tests.lab.tenants import PROJECT

SAVE = """
import sys
from prefect.blocks.system import Secret
Secret(value=sys.stdin.read()).save("ami-password", overwrite=True)
"""


@pytest.mark.thorough
def test_a_secret_block_is_read_by_the_run(controller: Controller, hosts: MakeHosts) -> None:
    tenant, (host,) = installed(controller, hosts, "blocks", "aio")
    tenant.edit("ami_password: .*", "ami_password: {prefect: ami-password}")
    unknown = controller.run("plan", "blocks", "--json")
    assert unknown.json["state"]["name"] == "Refused"
    assert "CUT-111" in unknown.stdout
    assert "ami-password" in unknown.stdout

    environment = controller.environment | {"PREFECT_API_URL": f"http://127.0.0.1:{PORT}/api"}
    python = [str(PROJECT / ".venv/bin/python"), "-c", SAVE]
    subprocess.run(python, input="canaryOnlyInPrefect", text=True, env=environment, check=True, timeout=120)
    assert controller.run("plan", "blocks", "--json").json["state"]["name"] == "Planned"
    assert controller.run("install", "blocks", "--json").json["state"]["name"] == "Completed"
    assert "AMI_PASSWORD=canaryOnlyInPrefect" in host.output("cat /etc/default/asterisk.env").splitlines()
