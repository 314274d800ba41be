"""
What a backup of a tenant holds, and where each part of it lies. Pure tables; nothing here is carried out.

Not saved: `homer7` (captured SIP traffic, made anew by an installation), logs, metrics, and images.
"""

from __future__ import annotations

from dataclasses import dataclass

from cutover.inventory import Host, Layout, Role, Tenant
from cutover.plan.desired import Image
from cutover.plan.observed import OperatingSystem
from cutover.products.omnileads import firewall, pair
from cutover.products.omnileads.catalogue import placed
from cutover.products.omnileads.components.homer import BOOTSTRAP
from cutover.products.omnileads.components.loki import CONFIGURATION as LOKI
from cutover.products.omnileads.components.minio import Minio
from cutover.products.omnileads.components.postgresql import Postgresql
from cutover.products.omnileads.components.postgresql_pair import PROGRAM
from cutover.products.omnileads.components.prometheus import CONFIGURATION as PROMETHEUS
from cutover.products.omnileads.components.promtail import CONFIGURATION as PROMTAIL
from cutover.products.omnileads.components.redis import Redis
from cutover.products.omnileads.desired import image
from cutover.products.omnileads.releases import tags
from cutover.products.omnileads.site import CUSTOM, PROGRAMS, Site
from cutover.products.omnileads.unit import env_path

RECORD = "/var/lib/cutover/record.json"
FOLDERS = ("/etc/omnileads", "/etc/cutover", PROGRAMS, RECORD)
"""What Cutover writes on every host; the certificates are in the first."""

OF_COMPONENTS = {
    "loki": (LOKI,),
    "prometheus": (PROMETHEUS,),
    "promtail": (PROMTAIL,),
    "homer": (BOOTSTRAP,),
    **dict.fromkeys(("keepalived_haproxy", "keepalived_voice", "keepalived_app"), ("/etc/keepalived",)),
    "postgresql_pair": (pair.REPMGR, pair.PASSWORDS, PROGRAM),
    "witness": (pair.REPMGR, pair.PASSWORDS),
}
"""What components read beside their env file and unit."""

TOOLS = ("zstd", "python3", "tar")
"""Commands that a host needs in order to send anything, named like their packages; `age` too for a recipient."""


@dataclass(frozen=True, slots=True)
class Database:
    """
    The tenant's database as a backup reaches it.

    `host` is where the dump runs, `address` where PostgreSQL answers as that host sees it. `primary` is the address
    for writing when the other one should be a standby's, else None. `image` holds PostgreSQL's own tools.
    """

    host: Host
    address: str
    primary: str | None
    image: Image


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A Redis worth saving: its host, its container, and the address it listens on."""

    host: Host
    container: str
    address: str


def database(tenant: Tenant) -> Database:
    """
    Return where the tenant's database is dumped from and with which image.

    In its own container: on the host that runs it. An outside server: from the application's host. HA: by way of the
    address for reading, so that the primary is spared.
    """
    application = tenant.hosts_of(Role.AIO, Role.APP)[0]
    own = tenant.layout is not Layout.HA and not tenant.postgres_external
    host = tenant.hosts_of(Role.AIO, Role.DATA)[0] if own else application
    address = tenant.derived(host).postgres_host
    reading = tenant.variables.postgres_ro_host if tenant.layout is Layout.HA else None
    found = image(Postgresql(), tenant, tags(tenant))
    if found is None:
        raise TypeError("PostgreSQL has an image")
    return Database(host, reading or address, address if reading else None, found)


def custom_files(tenant: Tenant) -> tuple[tuple[Host, str], ...]:
    """Return every host with files of the operator for Asterisk, and the folder they are in."""
    return tuple((host, CUSTOM) for host in tenant.hosts_of(Role.AIO, Role.VOICE))


def configuration(tenant: Tenant, host: Host) -> tuple[str, ...]:
    """Return the paths of a host's own configuration, some of which it may lack, in a stable order."""
    found = [*FOLDERS]
    if firewall.managed(tenant):
        found.append(f"/etc/systemd/system/{firewall.UNIT}.service")
    for component in placed(tenant, host):
        found += [path for path in (env_path(component),) if path]
        found += [f"/etc/systemd/system/{component.unit}.service"]
        found += OF_COMPONENTS.get(component.name, ())
    return tuple(dict.fromkeys(found))


def redis(tenant: Tenant) -> RedisServer | None:
    """
    Return the Redis that holds what the database does not: sessions and live statistics. None when it is not ours.

    In HA both hold the same, so the first is asked.
    """
    hosts = redis_hosts(tenant)
    if not hosts:
        return None
    site = Site(tenant, hosts[0], OperatingSystem("", "", ""))
    return RedisServer(hosts[0], str(Redis.container), site.redis_bind)


def redis_hosts(tenant: Tenant) -> tuple[Host, ...]:
    """Return the hosts with a Redis of the tenant's own: one, in HA two of which one follows the other."""
    if tenant.variables.redis_host and tenant.layout is not Layout.HA:
        return ()
    return tuple(host for host in tenant.hosts if Redis().placed(tenant, host))


def own_store(tenant: Tenant) -> Host | None:
    """Return the host whose MinIO holds the tenant's recordings and prompts, None when they are kept elsewhere."""
    return next((host for host in tenant.hosts if Minio().placed(tenant, host)), None)


def release(tenant: Tenant) -> str:
    """Return the name of the tenant's release; of a combination that no release knows, the application's tag."""
    known = tags(tenant)
    return known.release.name if known.release else known.cells["omlapp"]
