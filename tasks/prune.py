"""Steps on the backups of a tenant that are no longer kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from prefect.artifacts import acreate_table_artifact

from cutover.amounts import bytes_in_words
from cutover.hosts import lease
from cutover.hosts.operation import current
from cutover.hosts.script import script
from cutover.storage.pruning import Going, Pruning, remove, survey
from cutover.storage.retention import Keep
from tasks.artifacts import ResultRow, counted, key
from tasks.backups import publish_backups
from tasks.report import Report
from tasks.step import step
from tasks.stores import backup_store


@step("backups of {tenant}", timeout=600)
async def look_at_backups(tenant: str) -> Pruning:
    """Read all the tenant's backups and decide which are kept. Nothing is changed."""
    async with backup_store() as store:
        return await survey(store, tenant, Keep.of(current().tenant), datetime.now(UTC))


@step("delete {going.backup}", timeout=1800)
async def delete_backup(going: Going) -> None:
    """Delete one backup, its proof and its manifest first: however this ends, it never looks whole again."""
    await _still_ours()
    async with backup_store() as store:
        await remove(store, going)


@step("abort unfinished uploads", timeout=600)
async def abort_uploads(pruning: Pruning) -> None:
    """Throw away the parts of uploads that nobody works at any more."""
    await _still_ours()
    async with backup_store() as store:
        for upload in pruning.uploads:
            await store.abort(upload)


async def _still_ours() -> None:
    """Raise CutoverError (CUT-212) unless the tenant's lead host says that this run still holds the lease."""
    this = current()
    await this.run(this.tenant.hosts[0].name, script(("lease",), lease.guard_lines(this.required_lease())))


async def carry_out(pruning: Pruning, report: Report) -> None:
    """Delete what goes, oldest first, say so in the report, and show in the UI what is left."""
    if pruning.uploads:
        await abort_uploads(pruning)
        report.add([_uploads_row(pruning, "aborted")])
    for going in reversed(pruning.going):
        await delete_backup(going)
        report.add([_row(going, "deleted")])
    await publish_backups(report.tenant, [each.backup for each in pruning.kept])


async def publish_pruning(tenant: str, pruning: Pruning) -> None:
    """Show in the UI which backups stay, why, and which go."""
    table = [
        {"backup": each.backup.id, "size": bytes_in_words(each.backup.size or 0), "": "stays", "why": each.reason}
        for each in pruning.kept
    ]
    table += [
        {"backup": each.backup, "size": bytes_in_words(each.size), "": "goes", "why": each.reason}
        for each in pruning.going
    ]
    table.sort(key=lambda row: row["backup"], reverse=True)
    await acreate_table_artifact(table, key=key("prune", tenant), description=summary(pruning))


def rows(pruning: Pruning) -> Iterator[ResultRow]:
    """Yield what would happen to each backup, as rows of a result."""
    for each in pruning.kept:
        yield ResultRow("bucket", each.backup.id, "keep", "kept", None, each.reason)
    for going in pruning.going:
        yield _row(going, "would go")
    if pruning.uploads:
        yield _uploads_row(pruning, "would go")


def summary(pruning: Pruning) -> str:
    """Return in a line what goes and what stays."""
    uploads = f" and {counted(len(pruning.uploads), 'unfinished upload')}" if pruning.uploads else ""
    goes = f"{counted(len(pruning.going), 'backup')}{uploads} ({bytes_in_words(pruning.size)})"
    return f"{goes} to go, {len(pruning.kept)} kept"


def _row(going: Going, result: str) -> ResultRow:
    return ResultRow("bucket", going.backup, "delete", result, None, f"{bytes_in_words(going.size)}, {going.reason}")


def _uploads_row(pruning: Pruning, result: str) -> ResultRow:
    message = ", ".join(sorted(each.key for each in pruning.uploads))
    return ResultRow("bucket", counted(len(pruning.uploads), "unfinished upload"), "abort", result, None, message)
