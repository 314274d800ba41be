"""
A drill: a backup is restored into a throw-away PostgreSQL and compared; what came of it is written beside the backup.

Invariant: whatever ends a drill, the backup looks proven only if the last drill that judged it found nothing. A drill
that could not be carried out (no room, no image, a host that is gone) judges nothing and changes no record.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from prefect.artifacts import acreate_table_artifact
from prefect.logging import get_run_logger

from cutover.errors import CutoverError, Finding
from cutover.inventory import Tenant
from cutover.plan.observed import ObservedHost
from cutover.products.omnileads import saved
from cutover.storage.catalogue import Backup, backups, objections
from cutover.storage.keys import proof_key
from cutover.storage.manifest import Proof, metadata
from cutover.storage.proving import FAULTS, Check, findings
from cutover.storage.store import Store
from tasks.artifacts import ResultRow, counted, key
from tasks.backups import publish_backups
from tasks.delivery import DAMAGED, UNUSABLE
from tasks.drill_checks import Counted, count, others
from tasks.drill_server import bench, ready_host, remove, start, still_there
from tasks.dump import LONGEST
from tasks.every import raise_together
from tasks.hosts import clear_jobs
from tasks.load import Dump, Target, dump_of, load
from tasks.report import Report
from tasks.step import step
from tasks.stores import backup_store, found_in, stores
from tasks.tenants import this_run, who
from tasks.throughput import Throughput

_FOUND = frozenset(fault.code for fault in FAULTS)

CONDEMNS = _FOUND | DAMAGED | UNUSABLE | {"CUT-792", "CUT-793", "CUT-794"}
"""Codes that speak against a backup; any other error is about what the drill needed."""


def drill_host(tenant: Tenant, wanted: str) -> str:
    """Return the host to drill on: the one asked for, else where the database is dumped from. Raises CutoverError."""
    names = [host.name for host in tenant.hosts]
    if wanted and wanted not in names:
        todo = f"name one of {', '.join(names)}"
        raise CutoverError(Finding("CUT-748", f"{tenant.name} has no host {wanted}", "--on", "", todo))
    return wanted or saved.database(tenant).host.name


@step("find backup", timeout=300)
async def find(places: Sequence[Store], tenant: str, wanted: str) -> tuple[Store, Backup]:
    """Return the backup that is meant and where it lies; raises CutoverError when there is none."""
    return await found_in(places, tenant, wanted)


@step("load database on {host}", retries=0, timeout=LONGEST)
async def load_database(host: str, store: Store, dump: Dump, target: Target, throughput: Throughput) -> None:
    """Load the dump; raises CutoverError, with another cause than the dump when the throw-away server was lost."""
    try:
        await load(store, dump, target, throughput)
    except CutoverError as error:
        said = str(error)
        if "CUT-719" in said and ("No space left" in said or not await still_there(target)):
            todo = "look at the disk and the memory of the host, then run the same command again"
            what = "the throw-away PostgreSQL could not take the database"
            raise CutoverError(Finding("CUT-739", what, host, error.findings[0].why, todo)) from error
        raise


@step("record", timeout=300)
async def record(store: Store, tenant: str, proof: Proof) -> None:
    """Write what a drill found beside the backup, in the place of what an earlier one found, and show the backups."""
    await store.put(proof_key(proof.backup), proof.content(), metadata(tenant, proof.backup))
    async with backup_store() as place:
        await publish_backups(tenant, await backups(place, tenant))


@dataclass(slots=True)
class Drill:
    """One drill of a backup on a host: what it has found so far."""

    backup: Backup
    host: str
    others: list[Check] = field(default_factory=list)
    counted: Counted | None = None
    seconds: float = 0.0

    @property
    def checks(self) -> list[Check]:
        """Every comparison so far: the database's, then those of the other objects."""
        return [*(self.counted.checks if self.counted else ()), *self.others]

    def proof(self, faults: Iterable[Finding]) -> Proof:
        """Return the record of this drill; it is a proof when there are no faults."""
        return Proof(
            backup=self.backup.id,
            manifest=self.backup.mark,
            at=datetime.now(UTC),
            run=this_run(),
            who=who(),
            postgres=self.counted.postgres if self.counted else "",
            host=self.host,
            seconds=round(self.seconds, 1),
            tables=self.counted.tables if self.counted else 0,
            rows=self.counted.rows if self.counted else 0,
            failed=sorted({fault.code for fault in faults}),
        )


async def drill_backup(
    tenant: Tenant, observed: Mapping[str, ObservedHost], wanted: str, host: str, report: Report
) -> None:
    """
    Drill a backup on a host, record what came of it, and conclude the run.

    Raises CutoverError when the drill could not be carried out, and when it found the backup wanting: the run then ends
    as `Unproven`.
    """
    async with stores() as places:
        store, backup = await find(places, tenant.name, wanted)
        this = Drill(backup, host)
        try:
            await _carry_out(store, tenant, observed, this)
        except CutoverError as error:
            if faults := [finding for finding in error.findings if finding.code in CONDEMNS]:
                report.changing, report.fails_as = True, "Unproven"
                await _conclude(store, tenant.name, this, faults)
            raise
        await _conclude(store, tenant.name, this, ())
    report.add(_rows(this))
    proof = this.proof(())
    found = f"{counted(proof.tables, 'table')} and {counted(proof.rows, 'row')}"
    against = "as the manifest says" if this.backup.manifest else "with everything that the application needs"
    report.conclude("Proven", f"{this.backup.id}: {found} {against}, loaded in {proof.seconds:.0f} s")


async def _carry_out(store: Store, tenant: Tenant, observed: Mapping[str, ObservedHost], this: Drill) -> None:
    """Restore and compare; raises CutoverError with everything that speaks against the backup, or the drill."""
    backup, host = this.backup, this.host
    await _demand_complete(store, backup)
    dump = await dump_of(store, backup, tenant)
    await clear_jobs(host)
    await ready_host(store.place, observed[host], host, encrypted=dump.parcel.codec.identity is not None)
    image = await bench(observed, backup, dump, host)
    throughput = await Throughput.of(tenant.name, backup.size or dump.parcel.size)
    tried = await asyncio.gather(
        _try_database(store, this, dump, image, throughput), _try_others(store, this), return_exceptions=True
    )
    raise_together(each for each in tried if isinstance(each, BaseException))
    if found := findings(this.checks, backup.id):
        raise CutoverError(found)
    await throughput.over()


async def _demand_complete(store: Store, backup: Backup) -> None:
    found = [problem for problem in backup.problems if problem.fatal]
    if not found and backup.manifest:
        found = await objections(store, backup.manifest)
    if found:
        raise CutoverError(found)


async def _try_database(store: Store, this: Drill, dump: Dump, image: str, throughput: Throughput) -> None:
    """Load the database into a throw-away server and count it; the server is gone again whatever happens."""
    try:
        target = await start(this.host, image)
        began = time.monotonic()
        await load_database(this.host, store, dump, target, throughput)
        this.seconds = time.monotonic() - began
        this.counted = await count(this.host, target, this.backup)
    finally:
        await asyncio.shield(_remove(this.host))


async def _remove(host: str) -> None:
    try:
        await remove(host)
    except CutoverError as error:
        get_run_logger().warning("the throw-away PostgreSQL ends by itself, or with the next operation: %s", error)


async def _try_others(store: Store, this: Drill) -> None:
    this.others += await others(store, this.host, this.backup)


async def _conclude(store: Store, tenant: str, this: Drill, faults: Iterable[Finding]) -> None:
    """Show the checks, and write the record of a backup that has something to be recorded by."""
    proof = this.proof(faults)
    said = f"{this.backup.id}: " + (f"unproven, {', '.join(proof.failed)}" if proof.failed else "proven")
    rows = [{"check": c.check, "expected": c.expected, "found": c.found, "ok": c.ok} for c in this.checks]
    rows += [{"check": f.what, "expected": "", "found": f.why, "ok": False} for f in faults if f.code not in _FOUND]
    await acreate_table_artifact(rows, key=key("proof", tenant), description=said)
    if this.backup.mark:
        await record(store, tenant, proof)


def _rows(this: Drill) -> Iterable[ResultRow]:
    """Return what was checked, in short: the table of all checks is an artifact of its own."""
    of_database = len(this.checks) - len(this.others)
    yield ResultRow(this.host, "database", "load", "proven", round(this.seconds, 1), counted(of_database, "check"))
    for check in this.others:
        yield ResultRow(this.host, check.check, "read", "proven", None, check.found)
