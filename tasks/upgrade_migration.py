"""The database's schema during an upgrade: what is going to move it, the copy taken just before, and moving it once."""

from __future__ import annotations

from cutover.errors import CutoverError, Finding
from cutover.hosts import one_off, swap
from cutover.hosts.operation import current
from cutover.plan.desired import Service
from cutover.products.omnileads import migrating
from cutover.products.omnileads.writers import stop_waves
from cutover.secret import without
from tasks.deadman import demand_watch
from tasks.every import every
from tasks.hosts import must_succeed
from tasks.planning import Planned
from tasks.restore_databases import server_session
from tasks.restore_writers import stop_wave
from tasks.step import step
from tasks.upgrade_plan import Upgrading

LONGEST = 3600.0
"""Seconds that the migrations of a release may take."""


def migrating_service(planned: Planned) -> tuple[str, Service] | None:
    """Return the host and the service whose image brings migrations, when the plan starts it with another image."""
    for host, plan in planned.plan.hosts.items():
        for start in plan.starts:
            service = start.service
            if service.component == migrating.COMPONENT and _image_changes(planned, host, service):
                return host, service
    return None


def _image_changes(planned: Planned, host: str, service: Service) -> bool:
    found = planned.observed[host].containers.get(service.container or "")
    return found is None or found.image != image_of(planned, service)


def image_of(planned: Planned, service: Service) -> str:
    """Return the image of a service by digest."""
    if service.image is None:
        raise TypeError(f"{service.component} has no image")
    return f"{service.image.name}@{planned.desired.digests[service.image]}"


def environment_of(planned: Planned, host: str, service: Service) -> bytes:
    """Return what will stand in the env file of a service."""
    wanted = f"/etc/default/{migrating.COMPONENT}.env"
    return next(file.content for file in planned.desired.hosts[host].files if file.path == wanted)


@step("migrations of {host}", timeout=600)
async def pending(host: str, service: Service, planned: Planned) -> tuple[str, ...]:
    """Return the migrations that the new release brings, asked of its own image; nothing is changed."""
    this = current()
    image, environment = image_of(planned, service), environment_of(planned, host, service)
    text = one_off.with_environment(image, environment, migrating.PENDING, this.required_lease())
    output = await this.run(host, text, patience=500)
    found = migrating.pending(output.stdout)
    if output.status or found is None:
        said = without((output.stderr or output.stdout).strip()[-1500:], this.tenant.secrets) or "it lists no migration"
        todo = "nothing was changed; see whether the release can use this database"
        raise CutoverError(Finding("CUT-801", "the new release cannot read the database's schema", host, said, todo))
    return found


async def stop_schema_users(planned: Planned) -> None:
    """Stop what knows the schema, on all hosts, those first that need the others."""
    for wave in stop_waves(planned.desired):
        await stop_wave(placed for placed in wave if placed.service.component in migrating.USERS)


@step("copy database of {host}", retries=0, timeout=7200)
async def set_aside(host: str, it: Upgrading) -> None:
    """Keep the database as it is under another name, and put a copy into its place that the schema moves on."""
    async with server_session(it.server) as session:
        await every(it.hosts, demand_watch)
        await swap.set_aside(session, it.names)


@step("migrate {host}", retries=0, timeout=LONGEST + 60)
async def migrate(host: str, service: Service, planned: Planned) -> None:
    """Move the schema, once, by the new release's image; raises CutoverError with its last words."""
    this = current()
    environment = f"/etc/default/{migrating.COMPONENT}.env"
    text = one_off.with_file(image_of(planned, service), environment, migrating.MIGRATE, this.required_lease())
    output = await this.run(host, text, patience=LONGEST)
    must_succeed(host, output, "CUT-802", "a migration of the schema failed")
