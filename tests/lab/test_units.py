"""The worker's systemd unit, on a host whose worker is a program that does not end when it is told to."""

from __future__ import annotations

import re

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.tenants import PROJECT

pytestmark = [pytest.mark.lab, pytest.mark.thorough]

UNIT = PROJECT / "deployments/systemd/cutover-worker.service"
WITHOUT = ("EnvironmentFile=", "ExecStart=", "WorkingDirectory=")
HANGS = """/bin/bash -c 'trap "" TERM; while :; do sleep 1; done'"""
DRAINED, RESUMED = "/bin/touch /var/lib/cutover/drained", "/bin/touch /var/lib/cutover/resumed"


def trial() -> str:
    """Return the unit with a worker that hangs, and files in the place of what it says to Prefect."""
    lines = [line for line in UNIT.read_text().splitlines() if not line.startswith(WITHOUT)]
    text = re.sub(r"(?m)^ExecStop=\S+/cutover down --drain$", f"ExecStop={DRAINED}", "\n".join(lines))
    text = re.sub(r"(?m)^ExecStopPost=-\S+/prefect work-pool resume cutover$", f"ExecStopPost=-{RESUMED}", text)
    return text.replace("[Service]", f"[Service]\nExecStart={HANGS}")


def test_a_worker_that_hangs_at_its_end_does_not_keep_the_pool_waiting(hosts: MakeHosts) -> None:
    (host,) = hosts(1)
    host.run("useradd --system cutover && cat >/etc/systemd/system/cutover-worker.service", stdin=trial())
    host.run("systemctl start cutover-worker")
    host.run("systemctl stop cutover-worker", timeout=90)
    assert host.output("cd /var/lib/cutover && ls") == "drained\nresumed"
    assert host.output("systemctl show --property MainPID cutover-worker") == "MainPID=0"
