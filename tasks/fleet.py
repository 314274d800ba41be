"""
One operation on many tenants in one run: some at once, no new ones after too many failures, all judged at the end.

A failure counts when it may be the others' fate as well: a store that is down, a controller without keys. A tenant that
another operation holds is none; it is tried once more when the others are through. Nor is an inventory with errors:
that is found before anything begins.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Protocol

from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.context import TagsContext
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed
from pydantic import Field

from cutover.amounts import bytes_in_words
from cutover.errors import CutoverError
from cutover.inventory import names
from tasks.artifacts import counted
from tasks.step import step
from tasks.tenants import TenantName, load_tenant

AtOnce = Annotated[int, Field(ge=1, le=100, description="How many tenants at the same time")]
StopAfter = Annotated[int, Field(ge=1, description="After so many failures no other tenant is begun")]
Chosen = Annotated[list[TenantName], Field(description="Only these tenants; without any, all of them")]

BUSY, UNREADABLE, NOT_BEGUN = "Busy", "Unreadable", "NotBegun"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one tenant fared: `result` is the name of its run's state, or says why there was no run."""

    tenant: str
    result: str
    seconds: float | None = None
    bytes: int | None = None
    message: str = ""
    well: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is a failure that others may share."""
        return not self.well and self.result not in (BUSY, UNREADABLE, NOT_BEGUN)


Operate = Callable[[str], Awaitable[Outcome]]


async def each(tenants: Sequence[str], operate: Operate, *, at_once: int, stop_after: int) -> list[Outcome]:
    """
    Operate on all tenants, `at_once` at a time, and return how each fared, in their order.

    Once `stop_after` have failed no other is begun; those under way end. A busy one is tried again at the end.
    """
    room = asyncio.Semaphore(at_once)
    failed = 0

    async def one(tenant: str) -> Outcome:
        nonlocal failed
        async with room:
            if failed >= stop_after:
                return Outcome(tenant, NOT_BEGUN, message=f"not begun: {failed} others had failed")
            outcome = await operate(tenant)
            failed += outcome.counts
            return outcome

    found = {outcome.tenant: outcome for outcome in await asyncio.gather(*map(one, tenants))}
    busy = [tenant for tenant, outcome in found.items() if outcome.result == BUSY]
    if failed < stop_after:
        found |= {outcome.tenant: outcome for outcome in await asyncio.gather(*map(one, busy))}
    return [found[tenant] for tenant in tenants]


class BeforeWave(Protocol):
    """What is done before a wave; an error of it keeps the wave and all after it from being begun."""

    async def __call__(self, wave: Sequence[str], number: int, of: int, so_far: Sequence[Outcome]) -> None:
        """Prepare or approve wave `number` of `of`; `so_far` is how the tenants of the waves before fared."""


async def in_waves(
    waves: Sequence[Sequence[str]], operate: Operate, *, at_once: int, stop_after: int, before: BeforeWave | None
) -> list[Outcome]:
    """Operate on one wave of tenants after the other; failures count over all of them. Return how each fared."""
    found: list[Outcome] = []
    for number, wave in enumerate(waves, 1):
        failed = sum(outcome.counts for outcome in found)
        why = f"{failed} others had failed" if failed >= stop_after else ""
        try:
            if before is not None and not why:
                await before(wave, number, len(waves), found)
        except CutoverError as error:
            # what has no reason to give must keep the wave back all the same
            why = error.findings[0].why or error.findings[0].what
        if why:
            rest = [tenant for later in waves[number - 1 :] for tenant in later]
            return found + [Outcome(tenant, NOT_BEGUN, message=f"not begun: {why}") for tenant in rest]
        found += await each(wave, operate, at_once=at_once, stop_after=stop_after - failed)
    return found


@step("inventories", timeout=900)
async def readable(chosen: Sequence[str]) -> tuple[list[str], list[Outcome]]:
    """Return the chosen tenants, or all when none is, that can be read, and why others cannot."""
    good: list[str] = []
    bad: list[Outcome] = []
    for name in chosen or names():
        try:
            await load_tenant(name)
            good.append(name)
        except CutoverError as error:
            get_run_logger().error("%s", error)
            bad.append(Outcome(name, UNREADABLE, message=str(error)))
    return good, bad


async def as_subflow(tenant: str, operation: str, run: Callable[[], Awaitable[State[Any]]]) -> Outcome:
    """Carry an operation on a tenant out as a run of its own below this one, found by the same tags as any other."""
    began = time.monotonic()
    with TagsContext(current_tags={f"op:{operation}", f"tenant:{tenant}"}):
        state = await run()
    seconds = round(time.monotonic() - began, 1)
    facts = await state.aresult(raise_on_failure=False) if state.is_completed() else None
    size = facts.get("bytes") if isinstance(facts, dict) else None
    get_run_logger().info("%s: %s: %s", tenant, state.name, state.message)
    return Outcome(tenant, state.name or "", seconds, size, state.message or "", state.is_completed())


async def judge(outcomes: Sequence[Outcome], key: str) -> State[Any]:
    """Show how all tenants fared in one table, and return the state that the whole run ends in."""
    rows = sorted(outcomes, key=lambda outcome: (outcome.well, outcome.tenant))
    message = _summary(outcomes)
    table = [{name: value for name, value in asdict(row).items() if name != "well"} for row in rows]
    await acreate_table_artifact(table, key=key, description=message)
    return Completed(message=message) if all(outcome.well for outcome in outcomes) else Failed(message=message)


def _summary(outcomes: Sequence[Outcome]) -> str:
    good = [outcome for outcome in outcomes if outcome.well]
    sizes = [outcome.bytes for outcome in good if outcome.bytes is not None]
    size = f", {bytes_in_words(sum(sizes))}" if sizes else ""
    if len(good) == len(outcomes):
        return f"{counted(len(good), 'tenant')}{size}"
    by_result: dict[str, list[str]] = {}
    for outcome in outcomes:
        if not outcome.well:
            by_result.setdefault(outcome.result, []).append(outcome.tenant)
    said = "; ".join(f"{result}: {', '.join(tenants)}" for result, tenants in sorted(by_result.items()))
    return f"{len(good)} of {counted(len(outcomes), 'tenant')}{size}; {said}"
