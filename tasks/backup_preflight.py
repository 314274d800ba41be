"""Everything that can be known to stop a backup is found before anything is read or written, all of it together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from prefect.logging import get_run_logger

from cutover.errors import CutoverError, Finding
from cutover.hosts import saving
from cutover.hosts.census import Server
from cutover.hosts.database import Login
from cutover.hosts.operation import current
from cutover.hosts.saving import Readiness
from cutover.inventory import Host, Tenant
from cutover.plan.desired import Image, Reach
from cutover.plan.diff import HostPlan, Pull
from cutover.plan.observed import ObservedHost
from cutover.products.omnileads import saved
from cutover.products.omnileads.preparation import BACKUP_TOOLS, missing_tools
from cutover.products.omnileads.saved import Database
from cutover.storage.place import Place, backup_place
from tasks.every import every
from tasks.hosts import must_succeed, pinned, prepare
from tasks.images import pull, resolve
from tasks.reading import reading
from tasks.step import step
from tasks.stores import backup_store, usable

CUSTOM, CONFIGURATION = "custom files", "configuration"


@dataclass(frozen=True, slots=True)
class Source:
    """
    The database that is going to be dumped: where from, the server behind it, its bytes, and the image to do it.

    `primary` is the login at the primary when the server is a standby that has to be level with it.
    """

    database: Database
    login: Login
    server: Server
    size: int
    image: str
    primary: Login | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """
    A tenant that nothing is known to stop from being backed up.

    `weights` are the bytes of what is there, by host and part; `digests` the images that run, by `name:tag`.
    """

    source: Source
    observed: Mapping[str, ObservedHost]
    weights: Mapping[str, Mapping[str, int]]
    digests: Mapping[str, str]
    warnings: tuple[Finding, ...]


@step("preflight {host}", timeout=90)
async def readiness(host: str, parts: Mapping[str, tuple[str, ...]], reaches: tuple[Reach, ...]) -> Readiness:
    """Ask a host which commands it has, how much there is of each part, and whether it reaches the bucket."""
    output = await current().run(host, saving.ask((*BACKUP_TOOLS, "age"), parts, reaches))
    return saving.readiness(output.stdout, reaches)


@step("client of {host}", timeout=120)
async def client_new_enough(host: str, image: str, server: Server) -> None:
    """Raise CutoverError when PostgreSQL's tools in an image are older than the server."""
    output = await current().run(host, saving.client_version(image), patience=100)
    must_succeed(host, output, "CUT-724", "PostgreSQL's tools cannot be run")
    version = output.stdout.split()[-1] if output.stdout.split() else "unknown"
    if not version[:1].isdigit() or int(version.partition(".")[0]) < server.major:
        why = f"the tools in {image.partition('@')[0]} are {version}, the server is {server.version}"
        todo = "set postgres_version to a tag whose PostgreSQL is at least as new as the server"
        raise CutoverError(Finding("CUT-724", "PostgreSQL's tools are older than the server", host, why, todo))


async def preflight(tenant: Tenant, observed: Mapping[str, ObservedHost]) -> Ready:
    """
    Check everything that can be known to stop a backup, then put onto the hosts what the backup needs there.

    A host that was not observed is left out of it, which only a standby of the database can be.
    Warnings are logged and returned. Raises CutoverError with all findings together when one of them is fatal.
    """
    database = saved.database(tenant)
    async with backup_store() as store:
        blocked, (read, about_database), hosts, (digest, unresolved) = await asyncio.gather(
            usable("backup bucket", store),
            reading(tenant, database),
            _hosts(tenant, backup_place(tenant), observed),
            _tools_image(database, observed),
        )
    lacking, untooled = _lacking(tenant, observed, hosts)
    doubts = _doubts(tenant, observed, hosts)
    found = (*blocked, *_unreachable(hosts), *unresolved, *untooled, *about_database, *doubts)
    _judge(found)
    assert read is not None and digest is not None  # noqa: S101  judged above
    await _provide(database, digest, lacking, observed)
    image = f"{database.image.name}@{digest}"
    await client_new_enough(database.host.name, image, read.server)
    weights = {host: ready.weights for host, ready in hosts.items()}
    source = Source(database, read.login, read.server, read.size, image, read.primary)
    return Ready(source, observed, weights, pinned(observed), found)


async def _hosts(tenant: Tenant, place: Place, observed: Mapping[str, ObservedHost]) -> dict[str, Readiness]:
    reaches = tuple(reaches_of(place))
    folders = dict(saved.custom_files(tenant))

    def parts(host: Host) -> dict[str, tuple[str, ...]]:
        custom = {CUSTOM: (folders[host],)} if host in folders else {}
        return {**custom, CONFIGURATION: saved.configuration(tenant, host)}

    wanted = {host.name: parts(host) for host in tenant.hosts if host.name in observed}
    return await every(wanted, lambda host: readiness(host, wanted[host], reaches))


def reaches_of(place: Place) -> Iterable[Reach]:
    """What every host has to reach: the bucket; of AWS the name is known, the addresses are not worth asking for."""
    if place.bucket.endpoint:
        url = urlsplit(place.bucket.endpoint)
        yield Reach(url.hostname or "", url.port or (443 if url.scheme == "https" else 80), "bucket of the backups")


async def _tools_image(
    database: Database, observed: Mapping[str, ObservedHost]
) -> tuple[str | None, tuple[Finding, ...]]:
    """Return the digest of the image with PostgreSQL's tools: on record, else what its tag means, else one at hand."""
    digests, missing = await resolve(frozenset({database.image}), pinned(observed))
    if not missing:
        return digests[database.image], ()
    here = _at_hand(database.image, observed[database.host.name])
    return (here, ()) if here else (None, missing)


def _at_hand(image: Image, host: ObservedHost) -> str | None:
    found = sorted(each for each in host.images if each.startswith(f"{image.name}@"))
    return found[0].partition("@")[2] if found else None


def _lacking(
    tenant: Tenant, observed: Mapping[str, ObservedHost], hosts: Mapping[str, Readiness]
) -> tuple[dict[str, tuple[str, ...]], list[Finding]]:
    """Return the packages each host lacks, and what speaks against hosts that cannot get them."""
    encrypted = tenant.variables.backup_recipient is not None
    lacking: dict[str, tuple[str, ...]] = {}
    findings: list[Finding] = []
    for host, ready in hosts.items():
        try:
            packages = missing_tools(host, observed[host].os, ready.commands, encrypted=encrypted)
        except CutoverError as error:
            findings.extend(error.findings)
        else:
            lacking |= {host: packages} if packages else {}
    return lacking, findings


def _unreachable(hosts: Mapping[str, Readiness]) -> Iterable[Finding]:
    todo = "open the network between them, or correct backup_bucket_url or bucket_url in the inventory"
    for host, ready in hosts.items():
        for each, why in ready.blocked:
            yield Finding("CUT-306", f"cannot reach {each.address}:{each.port} ({each.why})", host, why, todo)


def _doubts(tenant: Tenant, observed: Mapping[str, ObservedHost], hosts: Mapping[str, Readiness]) -> Iterable[Finding]:
    """What is not going to be in the backup, or lies where it helps least."""
    place = backup_place(tenant)
    if place.own and place.through:
        why = "the bucket is on the tenant's own MinIO, on the very host that it saves"
        todo = "give another bucket with backup_bucket_url, _name, _access_key and _secret_key"
        yield Finding("CUT-725", "the backup is lost with its host", place.through, why, todo, fatal=False)
    for away in (host.name for host in tenant.hosts if host.name not in observed):
        why = "the host does not answer"
        yield Finding("CUT-727", "nothing of the host itself is in this backup", away, why, fatal=False)
    for host, folder in saved.custom_files(tenant):
        if CUSTOM not in hosts[host.name].weights:
            why = f"{folder} does not exist"
            yield Finding("CUT-727", "there are no custom files to save", host.name, why, fatal=False)
    redis = saved.redis(tenant)
    if redis and not observed[redis.host.name].runs(redis.container):
        why, todo = f"{redis.container} does not run", "`cutover status` says more"
        where = redis.host.name
        yield Finding("CUT-727", "Redis is not in this backup", where, why, todo, fatal=False)


def _judge(found: tuple[Finding, ...]) -> None:
    for finding in found:
        if not finding.fatal:
            get_run_logger().warning("%s", finding)
    if fatal := [finding for finding in found if finding.fatal]:
        raise CutoverError(fatal)


async def _provide(
    database: Database, digest: str, lacking: Mapping[str, tuple[str, ...]], observed: Mapping[str, ObservedHost]
) -> None:
    """Install what hosts lack, and fetch the image with PostgreSQL's tools to the host that dumps."""
    await every(lacking, lambda host: prepare(host, HostPlan(host, packages=lacking[host])))
    host, image = database.host.name, database.image
    if f"{image.name}@{digest}" not in observed[host].images:
        await pull(host, HostPlan(host, pulls=(Pull(image.name, digest, image.tag),)))
