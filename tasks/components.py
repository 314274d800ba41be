"""Starting components: one after the other where one needs the other, at the same time where not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from cutover.errors import CutoverError, Finding
from cutover.hosts import converge
from cutover.hosts.journal import last_words
from cutover.hosts.operation import current
from cutover.hosts.probes import longest_wait
from cutover.plan.diff import Start
from cutover.plan.order import Node, graph
from cutover.secret import without
from tasks.handover import hand_over, take_back
from tasks.step import step


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one node of the start graph ended, after how many seconds; `error` is None when it went well."""

    node: Node
    seconds: float
    error: BaseException | None = None


@step("{component} on {host}", timeout=1900)
async def start(component: str, host: str, planned: Start) -> None:
    """(Re)start a component and wait until it answers; its last log lines are in the error when it does not."""
    this = current()
    patience = longest_wait(planned.service.gate) + 90
    output = await this.run(host, converge.start(planned, this.required_lease()), patience=patience)
    if output.status:
        said = without(last_words(output.stdout or output.stderr), this.tenant.secrets)
        todo = f"see `journalctl -u {planned.service.unit}` on {host}, mend it, then run the same command again"
        raise CutoverError(
            Finding("CUT-501", f"{component} does not become healthy", f"{component} on {host}", said, todo)
        )


async def start_node(node: Node) -> None:
    """(Re)start the service of a node, whose peer serves meanwhile; raises TypeError for a node that starts none."""
    if not isinstance(node.act, Start):
        raise TypeError(f"{node.component} is not started but done once")
    await hand_over(node)
    await start(node.component, node.host, node.act)
    await take_back(node)


async def in_order(steps: Iterable[Node], run: Callable[[Node], Awaitable[None]]) -> tuple[Outcome, ...]:
    """
    Run every step as soon as what it comes after is done; return how each one that was begun ended.

    After the first failure nothing new begins, on any host; what is under way is awaited.
    """
    order = graph(steps)
    outcomes: list[Outcome] = []
    running: set[asyncio.Task[Outcome]] = set()
    failed = False
    try:
        while order.is_active():
            if not failed:
                running |= {asyncio.create_task(_timed(node, run)) for node in order.get_ready()}
            if not running:
                break
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for outcome in (each.result() for each in done):
                outcomes.append(outcome)
                failed = failed or outcome.error is not None
                if outcome.error is None:
                    order.done(outcome.node)
    finally:
        for each in running:
            each.cancel()
    return tuple(outcomes)


async def _timed(node: Node, run: Callable[[Node], Awaitable[None]]) -> Outcome:
    began = time.monotonic()
    try:
        await run(node)
    except Exception as error:
        return Outcome(node, time.monotonic() - began, error)
    return Outcome(node, time.monotonic() - began)
