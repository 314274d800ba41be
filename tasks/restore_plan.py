"""What a restore is going to do to a tenant, once everything about it is known and nothing has been touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from prefect.artifacts import acreate_markdown_artifact

from cutover.amounts import bytes_in_words
from cutover.errors import Finding
from cutover.hosts.database import Login
from cutover.hosts.restoring import Found
from cutover.hosts.swap import Names
from cutover.inventory import Layout, Role, Tenant
from cutover.plan.estimate import Estimate, in_words
from cutover.products.omnileads import saved
from cutover.products.omnileads.writers import units
from cutover.storage.catalogue import Backup
from cutover.storage.keys import Kind
from cutover.storage.manifest import Stored
from cutover.storage.store import Store
from tasks.artifacts import key
from tasks.cluster import Cluster
from tasks.load import Dump
from tasks.planning import Planned
from tasks.reading import database_login

SAFETY = "before restore"
"""Why a restore makes a backup, as the backup's manifest says it."""


@dataclass(frozen=True, slots=True)
class Server:
    """
    The tenant's database server as the restore uses it: by way of `host`, with PostgreSQL's tools from `image`.

    `others` are further hosts that reach it in the same way, and can swap back as well: the other app host of HA.
    """

    host: str
    login: Login
    maintenance: str
    image: str
    others: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """All hosts that can swap back."""
        return (self.host, *self.others)

    @property
    def login_to_server(self) -> Login:
        """The login for what concerns databases as a whole."""
        return self.login.to(self.maintenance)

    @property
    def where(self) -> str:
        """The server as an operator names it."""
        return f"PostgreSQL {self.login.address}:{self.login.port} from {self.host}"


@dataclass(frozen=True, slots=True)
class Ground:
    """
    A tenant as a restore finds it, once what an earlier one may have left is put right.

    `cluster` is that of an HA tenant, None for any other.
    """

    tenant: Tenant
    planned: Planned
    server: Server
    found: Mapping[str, Found]
    cluster: Cluster | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """
    One folder that is exchanged as a whole: `what` of `host`.

    Its content is one object of the backup (`stored`), or the old tool's `files`: keys with names below the folder.
    """

    what: str
    host: str
    path: str
    stored: Stored | None = None
    files: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.what} of {self.host}"


@dataclass(frozen=True, slots=True)
class ServingPair:
    """The database pair that a restore began with: who serves, on which timeline, and who is to follow."""

    serves: str
    timeline: int
    standby: str


@dataclass(frozen=True, slots=True)
class Restoring:
    """
    A restore that nothing is known to stop.

    `store` is where the backup lies. `productive` says that there is somebody's work in the database that serves,
    `current` how many bytes it has. `media` is the index of recordings that are to be back in the tenant's own bucket.
    `pair` is the database pair of an HA tenant.
    """

    tenant: Tenant
    planned: Planned
    backup: Backup
    store: Store
    dump: Dump
    server: Server
    names: Names
    productive: bool
    current: int
    folders: tuple[Folder, ...]
    media: Stored | None
    estimate: Estimate
    warnings: tuple[Finding, ...]
    pair: ServingPair | None = None

    def folders_of(self, host: str) -> tuple[str, ...]:
        """Return the paths of the folders that are exchanged on a host."""
        return tuple(folder.path for folder in self.folders if folder.host == host)

    @property
    def hosts(self) -> tuple[str, ...]:
        """All hosts that have a part in it, the one that the database work is done from first."""
        names = [host.name for host in self.tenant.hosts if host.name != self.server.host]
        return (self.server.host, *(name for name in names if self.pair is None or self._concerns(name)))

    def _concerns(self, host: str) -> bool:
        """Whether anything stops on a host or is exchanged there; the database pair is concerned through SQL alone."""
        return bool(host in self.server.hosts or self.folders_of(host) or units(self.planned.desired, host))


def new_names(database: str) -> Names:
    """Return the names that the databases of a restore beginning now have."""
    return Names(database, f"{datetime.now(UTC):%Y%m%d%H%M%S}")


def server_of(tenant: Tenant, image: str) -> Server:
    """Return the server that holds a tenant's database, and how it is reached; `image` has PostgreSQL's tools."""
    database = saved.database(tenant)
    login = database_login(tenant, database.primary or database.address)
    maintenance = tenant.variables.postgres_maintenance_db
    if tenant.layout is not Layout.HA:
        return Server(database.host.name, login, maintenance, image)
    others = tuple(host.name for host in tenant.hosts_of(Role.APP) if host != database.host)
    # what becomes of the standby is asked at the end; nothing on the way depends on it
    return Server(database.host.name, replace(login, waits=False), maintenance, image, others)


def as_markdown(restoring: Restoring) -> str:
    """Return a restore as a person reads it before saying yes to it."""
    return "\n".join(_lines(restoring))


def _lines(it: Restoring) -> Iterable[str]:
    backup, estimate = it.backup, it.estimate
    at = f"{backup.at:%Y-%m-%d %H:%M} UTC" if backup.at else "unknown"
    yield f"# Restore {it.tenant.name} from {backup.id}\n"
    yield from (f"> **{w.what}** ({w.where}, {w.code}) {w.why}\n" for w in it.warnings)
    yield "| | |\n|---|---|"
    yield f"| backup | {at}, release {backup.release or 'unknown'}, made by {backup.origin.value} |"
    yield f"| proven | {f'{backup.proven:%Y-%m-%d %H:%M} UTC' if backup.proven else '**never**'} |"
    yield f"| database | {bytes_in_words(estimate.database)}, {bytes_in_words(estimate.stored)} from the bucket |"
    where = "both database hosts" if it.pair else it.server.host
    yield f"| disk | {bytes_in_words(estimate.needed)} must be free on {where} |"
    yield f"| folders | {', '.join(map(str, it.folders)) or 'none'} |"
    basis = "as measured" if estimate.measured else "by experience"
    yield f"| loading, while the platform serves | {in_words(estimate.beside)} ({basis}) |"
    yield f"| **outage** | **{in_words(estimate.outage)}** ({basis}) |\n"
    yield _consequence(it)


def _consequence(it: Restoring) -> str:
    if not it.productive:
        return "The tenant holds nobody's work yet: nothing is lost and no safety backup is made."
    days = it.tenant.variables.restore_keep_days
    since = f"{it.backup.at:%Y-%m-%d %H:%M} UTC" if it.backup.at else "the backup"
    return (
        f"The database that serves now ({bytes_in_words(it.current)}) is backed up, then put aside as "
        f"`{it.names.old}`. Calls and changes since {since} are gone from the platform; the old database is kept for "
        f"{days} days, or until `cutover release-old {it.tenant.name}`."
    )


async def publish(restoring: Restoring) -> str:
    """Show a restore in the UI before anything is touched, and return it as Markdown."""
    text = as_markdown(restoring)
    summary = f"restore of {restoring.backup.id}: outage of {in_words(restoring.estimate.outage)}"
    await acreate_markdown_artifact(text, key=key("plan", restoring.tenant.name), description=summary)
    return text


def of_kind(backup: Backup, kind: Kind) -> dict[str, Stored]:
    """Return the objects of one kind in a backup, by the host they come from."""
    return {stored.host: stored for stored in backup.manifest.of(kind)} if backup.manifest else {}
