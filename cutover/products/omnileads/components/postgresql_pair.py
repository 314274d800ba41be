"""PostgreSQL of an HA tenant."""

from __future__ import annotations

import json
from importlib.resources import files

from cutover.inventory import Role
from cutover.plan.desired import File, Service
from cutover.plan.probe import Gate, HostRuns
from cutover.products.omnileads import pair
from cutover.products.omnileads.render import env_file, plain_file
from cutover.products.omnileads.sheet import Component, placement
from cutover.products.omnileads.site import Site

PROGRAM = "/usr/local/sbin/cutover-pair"
SETTINGS = "/etc/cutover/pair.json"
SOURCES = "/usr/local/lib/cutover/cutover_pair"
UNIT = "cutover-pair"


class PostgresqlPair(Component):
    """
    PostgreSQL with a standby, packages of the distribution, and the guard that starts it and holds the virtual IPs.

    The unit is the guard's: PostgreSQL itself is never restarted by an installation, as that is a failover.
    """

    name = "postgresql_pair"
    unit = UNIT
    container = None
    where = placement(ha={Role.SQL})
    after = frozenset({"witness", pair.PRIMARY, pair.STANDBY, pair.THIRD_VOTE})
    # 5432 is not here: between the packages and the pair the distribution's own cluster may listen there.

    def files(self, site: Site) -> tuple[File, ...]:
        """The guard with its settings, and PostgreSQL's own."""
        return (*guard_files(site), *voter_files(site))

    def own_service(self, site: Site) -> Service:
        """The guard; it has PostgreSQL read changed settings when it is started again."""
        inputs = [file.path for file in (*guard_files(site), *voter_files(site)) if file.path != pair.PASSWORDS]
        return Service(
            component=self.name,
            unit=UNIT,
            container=None,
            image=None,
            unit_file=File(f"/etc/systemd/system/{UNIT}.service", plain_file(f"{UNIT}.service", program=PROGRAM)),
            inputs=tuple(inputs),
            after=self.after,
            gate=Gate((HostRuns((PROGRAM, "status", "--healthy")),), 90.0),
        )


def guard_files(site: Site) -> tuple[File, ...]:
    """Return the guard as a program of the host, and what it is told."""
    sources = files("cutover.products.omnileads") / "cutover_pair"
    program = sorted((each.name, each.read_bytes()) for each in sources.iterdir() if each.name.endswith(".py"))
    return (
        File(PROGRAM, plain_file("cutover-pair.sh"), 0o755),
        *(File(f"{SOURCES}/{name}", content) for name, content in program),
        File(SETTINGS, _settings(site), 0o600, secret=True),
        File("/etc/systemd/system/postgresql@.service.d/cutover.conf", plain_file("postgresql@.conf", program=PROGRAM)),
    )


def _settings(site: Site) -> bytes:
    tenant, host = site.tenant, site.host
    one, two, third = pair.voters(tenant)
    version = pair.version(host.name, site.system)
    told = {
        "node": host.name,
        "peer": (two if host == one else one).name,
        "third": third.name,
        "addresses": {each.name: each.lan for each in (one, two, third)},
        "nic": host.nic,
        "write": site.variables.postgres_host,
        "read": site.variables.postgres_ro_host,
        "prefix": site.variables.netprefix,
        "version": str(version),
        "data": pair.data_directory(tenant, host, version),
        "password": pair.guard_password(tenant).reveal(),
    }
    return json.dumps(told, indent=1).encode() + b"\n"


def voter_files(site: Site) -> tuple[File, ...]:
    """Return the settings of PostgreSQL and repmgr on a host that votes."""
    tenant, host = site.tenant, site.host
    version = pair.version(host.name, site.system)
    known = {
        "site": site,
        "tenant": tenant,
        "host": host,
        "v": site.variables,
        "voters": pair.voters(tenant),
        "number": pair.number(tenant, host),
        "sql": host.role is Role.SQL,
        "version": version,
        "data": pair.data_directory(tenant, host, version),
        "access": pair.ACCESS,
    }
    passwords, secret = env_file("pgpass", repmgr=pair.repmgr_password(tenant))
    return (
        File(pair.SETTINGS, plain_file("postgresql.conf", **known)),
        File(pair.ACCESS, plain_file("pg_hba.conf", **known), 0o640, "root", "postgres"),
        File(pair.REPMGR, plain_file("repmgr.conf", **known), 0o640, "root", "postgres"),
        File(pair.PASSWORDS, passwords, 0o600, "postgres", "postgres", secret=secret),
    )
