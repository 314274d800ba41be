"""PostgreSQL in a container."""

from __future__ import annotations

from cutover.inventory import Role, Tenant
from cutover.plan.probe import Probe, TcpConnects
from cutover.products.omnileads.sheet import Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import Site


class Postgresql(Component):
    """The tenant's own database. Not run when `postgres_host` names an outside one, nor in HA."""

    name = "postgresql"
    unit = "postgresql"
    container = "oml-postgresql-server"
    repository = Repository("docker.io/omnileads/postgres", "postgres", "postgres_version")
    where = placement(aio=True, ait={Role.DATA})
    ports = (Port(5432, "SQL"),)
    mounts = (Mount("oml_postgres", "/var/lib/postgresql/data"),)
    env = "postgres.env"
    options = ("--stop-timeout=60",)
    deadline = 120.0

    def wanted(self, tenant: Tenant) -> bool:
        """Return whether the database is ours to run."""
        return not tenant.postgres_external

    def arguments(self, site: Site) -> tuple[str, ...]:
        """Listen where the components expect it and nowhere else."""
        return ("-c", f"listen_addresses={site.addresses.postgres_host}")

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """
        First the network, which the short-lived server that makes a new cluster does not listen on, then a statement
        through the local socket, which asks for no password.
        """
        user = f"--username={site.variables.postgres_user}"
        select = ("psql", user, "--dbname=postgres", "--no-psqlrc", "--tuples-only", "--command=select 1")
        return (TcpConnects(site.addresses.postgres_host, 5432), self.inside(select, "1"))
