"""The components that write: stopped in order before anything is exchanged, started in order afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from cutover.hosts.lease import guard_lines
from cutover.hosts.operation import current
from cutover.hosts.script import call, script
from cutover.plan.desired import DesiredState
from cutover.plan.diff import Start
from cutover.plan.order import Node
from cutover.products.omnileads.writers import Placed, stop_waves, writers
from tasks.components import in_order, start_node
from tasks.every import raise_together
from tasks.hosts import must_succeed
from tasks.step import step

STOPPING = 120.0
"""Seconds a unit may take to stop; systemd kills what is left after 70."""

REASON = "stopped for the restore"


@step("stop {component} on {host}", timeout=STOPPING + 30)
async def stop(component: str, host: str, unit: str) -> None:
    """Stop a component; one that does not run stays as it is."""
    this = current()
    lines = [*guard_lines(this.required_lease()), call("systemctl", "stop", f"{unit}.service")]
    output = await this.run(host, script(("lease",), lines), patience=STOPPING)
    must_succeed(host, output, "CUT-768", f"{component} could not be stopped")


async def stop_writers(desired: DesiredState, *, keeping: Iterable[str] = ()) -> None:
    """Stop every writer but those to keep: wave by wave, those of one wave at the same time on all hosts."""
    keeping = frozenset(keeping)
    for wave in stop_waves(desired):
        await stop_wave(placed for placed in wave if placed.service.component not in keeping)


async def stop_wave(wave: Iterable[Placed]) -> None:
    """Stop some components at the same time; raises CutoverError with all that could not be stopped."""
    asked = [stop(placed.service.component, placed.host, placed.service.unit) for placed in wave]
    results = await asyncio.gather(*asked, return_exceptions=True)
    raise_together(result for result in results if isinstance(result, BaseException))


def _behind(desired: DesiredState, placed: Placed) -> str:
    """Return the host that has to start the same component first, as it moves the schema; empty where none has."""
    mains = (pair.main for pair in desired.pairs if pair.backup == placed.host)
    return next(mains, "") if placed.service.main_first else ""


async def start_writers(desired: DesiredState) -> None:
    """Start every writer, each when what it needs answers; raises CutoverError with all that do not answer."""
    nodes = [
        Node(placed.host, placed.service.component, Start(placed.service, "", REASON), _behind(desired, placed))
        for placed in writers(desired)
    ]
    outcomes = await in_order(nodes, start_node)
    raise_together(outcome.error for outcome in outcomes if outcome.error)
