"""
A changeover: what runs is kept, the hosts watch, something else takes its place, and that is confirmed.

Invariant: until `confirm` every host can get back by itself to what ran before, and has everything that is needed for
it. The unit files name the images by digest, and the former images stay on the hosts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from cutover.errors import CutoverError, Finding
from cutover.hosts import kept, swap
from cutover.hosts.converge import RECORD
from cutover.hosts.deadman import Switch
from cutover.hosts.kept import JOURNAL, Kept
from cutover.hosts.operation import current
from cutover.hosts.restoring import DONE, EXCHANGING, Journal
from cutover.hosts.swap import Names
from cutover.inventory import Tenant
from cutover.plan.desired import Service
from cutover.plan.upgrade import started_on, tag_of
from cutover.products.omnileads.migrating import USERS
from cutover.products.omnileads.writers import stop_waves
from tasks.deadman import arm, decide, disarm, sql_command
from tasks.every import every
from tasks.hosts import must_succeed
from tasks.planning import Planned
from tasks.restore_databases import server_session
from tasks.restore_pair import ANOTHER_PRIMARY, timeline_of
from tasks.restore_plan import Server
from tasks.restore_settle import write_journal
from tasks.step import step


@dataclass(slots=True)
class Changeover:
    """
    One changeover, and how far it has come.

    `planned` says what is started; `touched` are the files it writes, by host. `schema` says that the database changes
    too; `former` is whose database then serves again, None where it is the same one with a schema that moved. `before`
    is the release that ran, `timeline` that of the primary of a pair. `armed`: hosts watch it. `changing`: something
    may be new. `confirming`: some hosts may not watch it any more.
    """

    operation: str
    tenant: Tenant
    planned: Planned
    server: Server
    names: Names
    before: str
    touched: Mapping[str, tuple[str, ...]]
    schema: bool
    former: Names | None = None
    timeline: int = 0
    armed: bool = False
    changing: bool = False
    confirming: bool = False

    @property
    def hosts(self) -> tuple[str, ...]:
        """All hosts of the tenant, the one that decides first."""
        others = (host.name for host in self.tenant.hosts if host.name != self.server.host)
        return (self.server.host, *others)

    @property
    def swapping(self) -> tuple[str, ...]:
        """
        The hosts that give the database back that served before, when they go back by themselves.

        Of a pair of application hosts it is either: the one that decides may be the one that is lost, and the other
        would serve the old release with a schema that has moved. What one has given back the other finds done.
        """
        return self.server.hosts if self.schema else ()

    @property
    def in_turns(self) -> bool:
        """Whether several hosts may give the database back, so that it is the database that says when none may."""
        return len(self.swapping) > 1

    def schema_users(self, host: str) -> tuple[Service, ...]:
        """The services of a host that stand still while the schema moves, in the order of their start."""
        found = self.planned.observed[host]
        return tuple(
            placed.service
            for wave in reversed(stop_waves(self.planned.desired))
            for placed in wave
            if self.schema and placed.host == host and placed.service.component in USERS
            if placed.service.started or found.active(placed.service.unit)
        )

    def others(self, host: str) -> tuple[Service, ...]:
        """The services of a host that somebody else starts: they did not run, and may run by now with something new."""
        started = started_on(self.planned.plan, host)
        return tuple(
            service
            for service in self.planned.desired.hosts[host].services
            if not service.started and service not in started and service.unit_file.path in self.touched[host]
        )


async def begin(this: Changeover) -> None:
    """Keep what runs on every host and have the hosts watch this run; from then on things may change."""
    if this.in_turns:
        this.timeline = await primary_seen(this.server.host, this.server)
    await every(this.hosts, lambda host: keep(host, about(this, host), paths(this, host)))
    await write_journal(this.server.host, journal(this, EXCHANGING), JOURNAL)
    this.armed = True
    await arm_all(this)
    this.changing = True


async def arm_all(this: Changeover) -> None:
    """Have all hosts watch this run."""
    await every(this.hosts, lambda host: arm(host, switch(this, host)))


async def confirm(this: Changeover) -> None:
    """
    Let go of the way back; the host of the database comes last and alone decides.

    Where several hosts may give the database back, it is the database that decides for these, before they let go.
    """
    first, *others = this.hosts
    this.confirming = True
    await every([host for host in others if host not in this.swapping], disarm)
    if this.in_turns:
        await seal(first, this)
    await every(this.swapping[1:], disarm)
    await decide(first, JOURNAL, journal(this, DONE).content())
    this.armed = this.changing = this.confirming = False


async def tidy(this: Changeover, undone: Mapping[str, tuple[str, ...]] = MappingProxyType({})) -> None:
    """Remove what nobody goes back to any more: what was `undone` (stamps by host) and what is long ago."""
    try:
        await every(this.hosts, lambda host: forget(host, undone.get(host, ())))
    except CutoverError as error:
        get_run_logger().warning("files of former releases stay: %s", error)


def journal(this: Changeover, phase: str) -> Journal:
    """Return what is written down of a changeover."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Journal(this.names.stamp, phase, "", str(flow_run.get_id() or ""), at)


def about(this: Changeover, host: str) -> Kept:
    """Return what a host is to know of the state that it keeps."""
    services = started_on(this.planned.plan, host)
    tags = {service.component: tag_of(service, this.planned.observed[host]) for service in services}
    return Kept(
        stamp=this.names.stamp,
        operation=this.operation,
        release=this.before,
        tags={component: tag for component, tag in tags.items() if tag},
        units=tuple(service.unit for service in services),
        schema=this.schema,
        run=str(flow_run.get_id() or ""),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def paths(this: Changeover, host: str) -> tuple[str, ...]:
    """Return the files of a host that are touched, with what Cutover notes about them."""
    plain = [service.unit for service in started_on(this.planned.plan, host) if service.container is None]
    noted = (RECORD, *(f"/var/lib/cutover/started/{unit}" for unit in plain))
    return tuple(dict.fromkeys((*this.touched[host], *noted)))


def switch(this: Changeover, host: str) -> Switch:
    """Return what leads a host back to what ran before."""
    swaps = host in this.swapping
    still = tuple(service.unit for service in this.schema_users(host))
    started = started_on(this.planned.plan, host)
    return Switch(
        what=this.operation,
        stamp=this.names.stamp,
        journal=JOURNAL,
        units=still,
        database=sql_command(this.tenant, this.server) if swaps else (),
        back=back_statement(this) if swaps else "",
        files=True,
        changed=tuple((each.unit, each.container) for each in started if each.unit not in still),
        others=tuple((each.unit, each.container) for each in this.others(host)),
        decides=host == this.server.host,
        sealed=swap.sealed_question(this.names) if swaps and this.in_turns else "",
    )


def back_statement(this: Changeover) -> str:
    """Return the statement that gives the database back that served before."""
    if this.former is not None:
        return swap.swap_former_back_statement(this.former, this.names)
    return swap.swap_back_statement(this.names)


@step("primary as {host} sees it", timeout=90)
async def primary_seen(host: str, server: Server) -> int:
    """Return the timeline of the primary."""
    async with server_session(server) as session:
        return await timeline_of(session)


@step("confirm in the database of {host}", retries=0, timeout=120)
async def seal(host: str, this: Changeover) -> None:
    """
    Write down beside the databases that nobody gives the former one back.

    Raises CutoverError when somebody has, or when another node became primary, which may lack some of the change.
    """
    async with server_session(this.server) as session:
        timeline = await timeline_of(session)
        if timeline != this.timeline:
            why = f"timeline {this.timeline} before the {this.operation}, {timeline or 'a standby'} now"
            todo = f"see `cutover status {this.tenant.name}`, then run the same command again"
            raise CutoverError(Finding("CUT-860", ANOTHER_PRIMARY, this.server.where, why, todo))
        await swap.seal(session, this.names)
        if not await swap.is_sealed(session, this.names):
            what, why = "the host has begun to go back to the old state by itself", "the databases are swapped back"
            todo = f"see that it is up, then run the {this.operation} again"
            raise CutoverError(Finding("CUT-766", what, host, why, todo))


@step("keep files of {host}", timeout=120)
async def keep(host: str, what: Kept, files: tuple[str, ...]) -> None:
    """Keep what a host runs now, whole, so that it can go back to it."""
    this = current()
    output = await this.run(host, kept.keep(what, files, this.required_lease()))
    must_succeed(host, output, "CUT-804", "what runs now could not be kept")


@step("put back files of {host}", timeout=180)
async def put_back(host: str, stamp: str) -> None:
    """Give a host the files back that it had before the changeover of a stamp."""
    this = current()
    output = await this.run(host, kept.put_back(stamp, this.required_lease()), patience=150)
    must_succeed(host, output, "CUT-805", "a file could not be put back")


@step("forget old releases of {host}", timeout=60)
async def forget(host: str, undone: tuple[str, ...]) -> None:
    """Remove what a host has kept of changes that are undone, and what it could go back to long ago."""
    this = current()
    output = await this.run(host, kept.forget(undone, this.required_lease()))
    must_succeed(host, output, "CUT-804", "what is kept could not be removed")
