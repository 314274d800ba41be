"""What the hosts of a PostgreSQL pair agree on: versions, paths, names and passwords. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cutover.errors import CutoverError, Finding
from cutover.inventory import Host, Role, Tenant
from cutover.plan.observed import OperatingSystem
from cutover.secret import Secret

VERSIONS: Mapping[tuple[str, str], int] = MappingProxyType(
    {("debian", "11"): 13, ("debian", "12"): 15, ("ubuntu", "22.04"): 14, ("ubuntu", "24.04"): 16}
)
"""The major version of PostgreSQL that a distribution itself has, by os-release's ID and version."""

PRIMARY = "PostgreSQL primary"
STANDBY = "PostgreSQL standby"
THIRD_VOTE = "PostgreSQL third vote"

FOLDER = "/etc/cutover/postgresql"
SETTINGS = f"{FOLDER}/postgresql.conf"
ACCESS = f"{FOLDER}/pg_hba.conf"
REPMGR = "/etc/repmgr.conf"
PASSWORDS = "/var/lib/postgresql/.pgpass"


def version(host: str, system: OperatingSystem) -> int:
    """Return the major version of PostgreSQL on a host of the pair; raises CutoverError when there is none for it."""
    release = system.version if system.id == "ubuntu" else system.version.partition(".")[0]
    found = VERSIONS.get((system.id, release))
    if found is None:
        known = ", ".join(f"{name} {number}" for name, number in VERSIONS)
        what = f"PostgreSQL's pair is not installed on {system.id or 'an unknown system'} {system.version}"
        why = "PostgreSQL and repmgr come from the distribution's own packages"
        raise CutoverError(Finding("CUT-433", what, host, why, f"use one of: {known}"))
    return found


def unlike(tenant: Tenant, systems: Mapping[str, OperatingSystem]) -> tuple[Finding, ...]:
    """Return what speaks against a pair on these systems: a standby copies its primary, so both have one version."""
    found = {host.name: version(host.name, systems[host.name]) for host in tenant.hosts_of(Role.SQL)}
    if len(set(found.values())) < 2:
        return ()
    why = ", ".join(f"{name} has PostgreSQL {number}" for name, number in found.items())
    todo = "give both hosts the same release of the operating system"
    return (Finding("CUT-434", "the hosts of the PostgreSQL pair differ", str(tenant.folder), why, todo),)


def packages(version: int, *, data: bool) -> tuple[str, ...]:
    """Return the packages on a host that votes; one that has the tenant's `data` runs the guard besides."""
    voter = (f"postgresql-{version}", f"postgresql-{version}-repmgr")
    return (*voter, f"postgresql-plperl-{version}", "python3-psycopg2") if data else voter


def data_directory(tenant: Tenant, host: Host, version: int) -> str:
    """Return where PostgreSQL keeps its data; a witness has none worth another place."""
    usual = f"/var/lib/postgresql/{version}/main"
    return usual if host.role is not Role.SQL else tenant.variables.data_directory or usual


def votes(host: Host, tenant: Tenant) -> bool:
    """Return whether a host has one of the three votes on who may write."""
    return host.role is Role.SQL or host == tenant.third_vote


def voters(tenant: Tenant) -> tuple[Host, ...]:
    """Return the three hosts that vote, those of the pair first."""
    third = tenant.third_vote
    return (*tenant.hosts_of(Role.SQL), third) if third else ()


def number(tenant: Tenant, host: Host) -> int:
    """Return repmgr's number of a host: 1 and 2 in the pair, 3 for the third vote."""
    return voters(tenant).index(host) + 1


def repmgr_password(tenant: Tenant) -> Secret:
    """Return the password of repmgr, which replicates with it too."""
    return tenant.variables.postgres_password.derived(f"repmgr of {tenant.name}")


def guard_password(tenant: Tenant) -> Secret:
    """Return the password of the guards."""
    return tenant.variables.postgres_password.derived(f"guard of {tenant.name}")
