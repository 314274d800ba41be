"""What no run can be faster than: one `ssh` that reads the same state, and Prefect with steps that do nothing."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Sequence

from tests.lab.host import Host
from tests.lab.tenants import LabTenant


def reading(tenant: LabTenant, hosts: Sequence[Host]) -> Callable[[], object]:
    """Return a call of OpenSSH's client for every host at once that reads the same state, with the same script."""
    from cutover.hosts import facts
    from cutover.hosts.script import script
    from cutover.inventory import load
    from tasks.planning import questions

    asked = questions(load(tenant.name, tenant.folder.parent)).values()
    texts = [script(("facts",), facts.lines(each)) for each in asked]

    def read() -> None:
        begun = [
            subprocess.Popen(host.ssh_argv("bash -s"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for host in hosts
        ]
        for process, text in zip(begun, texts, strict=True):
            process.communicate(text)
            if process.returncode:
                raise subprocess.CalledProcessError(process.returncode, process.args)

    return read


def idle(steps: int) -> Callable[[], object]:
    """Return a call of a flow with so many steps that do nothing, one after the other, and the same artifacts."""
    from prefect import flow

    from cutover.plan.diff import Plan
    from tasks.artifacts import ResultRow, publish_plan, publish_result
    from tasks.step import step

    @step("idle {number}")
    async def nothing(number: int) -> None:
        """Do nothing."""

    @flow(name="idle")
    async def empty() -> None:
        for number in range(steps):
            await nothing(number)
        await publish_plan(Plan("bench", {}))
        await publish_result("bench", [ResultRow("host", "component", "ask", "healthy")] * 15, "nothing")

    return lambda: asyncio.run(empty())
