"""The survey add-on."""

from __future__ import annotations

from cutover.inventory import Role, Tenant
from cutover.plan.probe import Probe
from cutover.products.omnileads.sheet import Component, Repository, placement
from cutover.products.omnileads.site import Site


class Redis2postgres(Component):
    """Moves survey answers from Redis to PostgreSQL. Enterprise edition only; reads Django's env file."""

    name = "redis2postgres"
    unit = "redis2postgres"
    container = "oml-redis2postgres-server"
    repository = Repository("docker.io/freetechsolutions/omlredis2pgsql", "redis2postgres")
    where = placement(ait={Role.APP}, ha={Role.APP})
    env = "django.env"
    after = frozenset({"django"})

    def wanted(self, tenant: Tenant) -> bool:
        """Return whether the tenant has the enterprise edition."""
        return tenant.variables.enterprise_edition

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """It listens on nothing; that its container takes a command is all there is to ask."""
        return (self.inside(("true",)),)
