"""PostgreSQL's very first start, where it was cut off."""

from __future__ import annotations

from cutover.hosts import first_start
from cutover.hosts.operation import current
from cutover.products.omnileads.components.postgresql import Postgresql
from tasks.artifacts import ResultRow
from tasks.every import every
from tasks.hosts import must_succeed
from tasks.planning import Planned
from tasks.report import Report
from tasks.step import step

VOLUME = Postgresql.mounts[0].source


async def clear_first_start(planned: Planned, report: Report) -> None:
    """Where no install has finished yet, have PostgreSQL start anew if its very first start was cut off."""
    hosts = [
        host
        for host, plan in planned.plan.hosts.items()
        if any(start.service.component == Postgresql.name for start in plan.starts)
        and VOLUME in planned.observed[host].volumes
        and not planned.observed[host].record.digests
    ]
    for host, aside in (await every(hosts, set_empty_aside)).items():
        if aside:
            why = f"its very first start was cut off; what there was is in {aside}"
            report.add([ResultRow(host, Postgresql.name, "set aside", "ok", None, why)])


@step("first start of postgresql on {host}", timeout=120)
async def set_empty_aside(host: str) -> str:
    """Set PostgreSQL's data folder aside if nobody has a database in it; return where it is then, else nothing."""
    this = current()
    output = await this.run(host, first_start.set_empty_aside(VOLUME, Postgresql.unit, this.required_lease()))
    must_succeed(host, output, "CUT-517", "the rest of a first start of PostgreSQL could not be set aside")
    return output.stdout.strip()
