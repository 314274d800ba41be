"""The throw-away PostgreSQL of a drill: which image, is there room, started, and gone again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from secrets import token_hex

from cutover.amounts import bytes_in_words
from cutover.errors import CutoverError, Finding
from cutover.hosts import drill
from cutover.hosts.database import SESSION_ERRORS, Login, connected, ensure_database
from cutover.hosts.operation import current
from cutover.inventory import Tenant
from cutover.plan.diff import HostPlan, Pull
from cutover.plan.observed import ObservedHost
from cutover.products.omnileads import saved
from cutover.secret import Secret
from cutover.storage.catalogue import Backup
from cutover.storage.place import Place
from tasks.hosts import must_succeed, pinned
from tasks.images import pull, resolve
from tasks.load import Dump, Target
from tasks.readers import equip, look_at_readers
from tasks.step import step

MIB = 1 << 20
SPARE = 200 * MIB
"""Bytes that a new cluster takes, and that a host should keep beside it."""

MOST_LOG = 1024 * MIB
"""Bytes of write-ahead log between two checkpoints, at most."""


def needed(size: int) -> int:
    """Return the bytes that a drill takes on the host's disk at most, given about the size of the database."""
    return size + size // 5 + min(size, MOST_LOG) + SPARE


async def ready_host(place: Place, host: ObservedHost, name: str, *, encrypted: bool) -> None:
    """See that a host reaches the backups and has the programs to read them; raises CutoverError when it cannot."""
    todo = "open the network between them, or drill on another host with --on"
    lacking, findings = await look_at_readers(place, {name: host}, todo, encrypted=encrypted)
    if findings:
        raise CutoverError(findings)
    await equip(lacking)


async def bench(observed: Mapping[str, ObservedHost], backup: Backup, dump: Dump, host: str) -> str:
    """
    Return the image by digest that the drill runs in, then on the host; its PostgreSQL has the dump's major version.

    The backup's own comes first, then the tenant's. Raises CutoverError when neither will do (CUT-738), or when there
    is no room for the database (CUT-730).
    """
    seen: list[str] = []
    for candidate in await _candidates(current().tenant, observed, backup):
        image = f"{candidate.name}@{candidate.digest}"
        if image not in observed[host].images:
            await pull(host, HostPlan(host, pulls=(candidate,)))
        major = await room(host, image, dump.size)
        if dump.major in (None, major):
            return image
        seen.append(f"{candidate.tag} has {major}")
    todo = "give postgres_version a tag with that version for as long as the drill takes"
    raise CutoverError(
        Finding("CUT-738", f"the drill needs PostgreSQL {dump.major}", host, f"image {', '.join(seen)}", todo)
    )


async def _candidates(tenant: Tenant, observed: Mapping[str, ObservedHost], backup: Backup) -> Iterable[Pull]:
    image = saved.database(tenant).image
    then = backup.manifest.digests if backup.manifest else {}
    found = {
        digest: Pull(image.name, digest, name) for name, digest in then.items() if name.startswith(f"{image.name}:")
    }
    if not found or str(image) not in then:
        digests, missing = await resolve(frozenset({image}), pinned(observed))
        if missing and not found:
            raise CutoverError(missing)
        found |= {digests[image]: Pull(image.name, digests[image], str(image))} if image in digests else {}
    return found.values()


@step("room on {host}", timeout=300)
async def room(host: str, image: str, size: int) -> int | None:
    """
    Return the major version of PostgreSQL in an image, None if it has none.

    Raises CutoverError (CUT-730) when the host has no room for a database of about `size` bytes.
    """
    output = await current().run(host, drill.room(image, current().required_lease()), patience=200)
    must_succeed(host, output, "CUT-739", "the drill cannot be prepared")
    free, major = drill.room_found(output.stdout)
    if free < needed(size):
        why = f"{bytes_in_words(free)} are free below {drill.DATA}, about {bytes_in_words(needed(size))} are needed"
        todo = "free some space, or drill on another host with --on"
        raise CutoverError(Finding("CUT-730", "the disk is too small for the drill", host, why, todo))
    return major


@step("throw-away PostgreSQL on {host}", retries=0, timeout=drill.STARTING + 60)
async def start(host: str, image: str) -> Target:
    """Start the server and create an empty database in it, named and owned as the tenant's own."""
    this, password = current(), Secret(token_hex(24))
    v = this.tenant.variables
    script = drill.start(image, v.postgres_user, password, this.required_lease())
    output = await this.run(host, script, patience=drill.STARTING)
    must_succeed(host, output, "CUT-739", "the throw-away PostgreSQL does not start")
    login = Login(drill.ADDRESS, drill.port_of(output.stdout), v.postgres_user, password, v.postgres_database)
    async with connected(await this.connection(host), login.to("postgres")) as session:
        await ensure_database(session, login.database)
    return Target(host, login, image)


@step("remove PostgreSQL from {host}", timeout=120)
async def remove(host: str) -> None:
    """End the server and remove its data."""
    this = current()
    output = await this.run(host, drill.clear(this.required_lease()), patience=100)
    must_succeed(host, output, "CUT-739", "the throw-away PostgreSQL could not be removed")


async def still_there(target: Target) -> bool:
    """Return whether the server of a drill answers."""
    try:
        async with connected(await current().connection(target.host), target.login) as session:
            return bool(await session.fetchval("select true"))
    except SESSION_ERRORS:
        return False
