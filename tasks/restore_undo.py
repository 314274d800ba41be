"""The way back of a run that lives: the old state is put back and serves, step by step, whatever went wrong before."""

from __future__ import annotations

import asyncio

from prefect.logging import get_run_logger

from cutover.errors import CutoverError, Finding
from cutover.hosts.restoring import EXCHANGING, UNDONE
from tasks.artifacts import ResultRow
from tasks.deadman import disarm
from tasks.every import every
from tasks.report import Report
from tasks.restore_exchange import Exchange, arm_all, journal
from tasks.restore_pair import unseal
from tasks.restore_plan import Restoring
from tasks.restore_settle import (
    drop_scratch,
    folders_back,
    look_at_folders,
    remove_folders,
    swap_back,
    write_journal,
)
from tasks.restore_writers import start_writers, stop_writers

LEFT = (
    "the hosts put the old state back by themselves within two minutes, or when they have power again; "
    "look with `cutover status`, then restore again"
)


async def undo(this: Exchange, report: Report, within: float | None = None) -> None:
    """
    Bring the old state back and serving, then remove what the restore has made; say in the report how that went.

    The run ends as RolledBack when the old state serves. Where a step fails, or all of it takes longer than `within`
    seconds, the hosts' dead man's switches stay armed, and do by themselves what this could not.
    """
    end = None if within is None else asyncio.get_running_loop().time() + within
    try:
        async with asyncio.timeout_at(end):
            if this.stopping:
                await _back_to_old(this)
            if this.armed:
                await _let_go(this.it)
    except (CutoverError, TimeoutError) as error:
        findings = error.findings if isinstance(error, CutoverError) else ()
        report.add(_row(finding) for finding in findings)
        get_run_logger().error("the old state is not back yet: %s\n%s", _why(error), LEFT)
        report.fails_as, report.afterwards = "Failed", LEFT
        return
    words = "the old state serves" if this.stopping else "what serves was not touched"
    report.fails_as, report.afterwards = "RolledBack", words
    await _forget(this.it, end)


async def _back_to_old(this: Exchange) -> None:
    it, first = this.it, this.it.server.host
    if this.confirming and it.pair is not None:
        await unseal(first, it.server, it.names)
    await write_journal(first, journal(it, EXCHANGING))
    if this.confirming:
        # this run may die as well before the writers are up again
        await arm_all(it)
    await stop_writers(it.planned.desired)
    await swap_back(first, it.server, it.names)
    await every(
        [host for host in it.hosts if it.folders_of(host)],
        lambda host: folders_back(host, it.folders_of(host), it.names.stamp),
    )
    await start_writers(it.planned.desired)


async def _let_go(it: Restoring) -> None:
    first, *others = it.hosts
    await every(others, disarm)
    await write_journal(first, journal(it, UNDONE))
    await disarm(first)


async def _forget(it: Restoring, end: float | None) -> None:
    """Remove the database and the folders that serve nobody; what stays goes with the next restore."""
    try:
        async with asyncio.timeout_at(end):
            await drop_scratch(it.server.host, it.server)
            fresh = {
                host: tuple(each for each in found.beside if each.kind == "new")
                for host, found in (await look_at_folders(it.tenant, it.planned.desired.hosts)).items()
            }
            await every([host for host, each in fresh.items() if each], lambda host: remove_folders(host, fresh[host]))
    except (CutoverError, TimeoutError) as error:
        get_run_logger().warning("what the restore has made stays until the next one: %s", _why(error))


def _why(error: CutoverError | TimeoutError) -> str:
    return str(error) or "it takes too long"


def _row(finding: Finding) -> ResultRow:
    message = "\n".join(part for part in (finding.what, finding.why, LEFT) if part)
    return ResultRow(finding.where, finding.code, "put back", "failed", None, message)
