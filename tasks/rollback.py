"""A rollback with its own way back: files, database and components as they were before a changeover."""

from __future__ import annotations

import asyncio

from cutover.hosts import swap
from tasks.artifacts import ResultRow
from tasks.changeover import Changeover, begin, confirm, put_back, tidy
from tasks.changeover_undo import start_what_differs, undo
from tasks.deadman import demand_watch
from tasks.every import every
from tasks.report import Report
from tasks.restore import CANCELLED
from tasks.restore_databases import server_session
from tasks.rollback_plan import RollingBack
from tasks.step import step
from tasks.upgrade_migration import stop_schema_users


async def roll_back_with_way_back(it: RollingBack, report: Report) -> None:
    """
    Go back; whatever fails, or when the run is cancelled, what runs now serves again before that is raised again.

    Every component that the rollback starts has answered when this returns.
    """
    this = it.changeover
    try:
        await begin(this)
        await every(it.kept, lambda host: _undo_changes(host, it))
        if this.schema:
            await stop_schema_users(this.planned)
            await former_database(this.server.host, this)
            report.add([ResultRow(this.server.host, "database", "exchange", "ok", None, f"kept: {this.names.old}")])
        await start_what_differs(this, report)
        await confirm(this)
    except BaseException as error:
        within = None if isinstance(error, Exception) else CANCELLED
        await asyncio.shield(undo(this, report, within))
        raise
    await tidy(this, {host: tuple(each.stamp for each in undone) for host, undone in it.kept.items()})
    serves = it.target.release or "what ran before"
    report.conclude("Completed", f"{serves} serves again; the inventory says otherwise, see `cutover plan`")


async def _undo_changes(host: str, it: RollingBack) -> None:
    """Put back on a host what each change has found there, the newest change first."""
    for each in it.kept[host]:
        await put_back(host, each.stamp)


@step("exchange databases of {host}", retries=0, timeout=300)
async def former_database(host: str, this: Changeover) -> None:
    """Let the database from before the changeover serve again; the one of now is kept beside."""
    assert this.former is not None  # noqa: S101 - there is one when the schema moved
    async with server_session(this.server) as session:
        await every(this.hosts, demand_watch)
        await swap.swap_former(session, this.former, this.names)
