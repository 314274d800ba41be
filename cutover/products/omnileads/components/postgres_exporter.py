"""PostgreSQL's metrics."""

from __future__ import annotations

from cutover.inventory import Role, Tenant
from cutover.plan.probe import HostRuns, Probe
from cutover.products.omnileads.sheet import Component, Port, Repository, placement
from cutover.products.omnileads.site import Site


class PostgresExporter(Component):
    """Metrics of the tenant's own PostgreSQL, which it asks at the address PostgreSQL listens on."""

    name = "postgres_exporter"
    unit = "prometheus_postgres"
    container = "oml-prometheus-postgres"
    repository = Repository("docker.io/prometheuscommunity/postgres-exporter", "exporter")
    where = placement(aio=True, ait={Role.DATA})
    ports = (Port(9187, "metrics"),)
    env = "prometheus_postgres.env"
    after = frozenset({"postgresql"})

    def wanted(self, tenant: Tenant) -> bool:
        """Return whether the database is ours to watch."""
        return not tenant.postgres_external

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Metrics are not enough: the exporter must have reached the database."""
        return (HostRuns(("curl", "--silent", "--max-time", "5", "http://127.0.0.1:9187/metrics"), "\npg_up 1\n"),)
