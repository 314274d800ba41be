"""Redis."""

from __future__ import annotations

from cutover.inventory import Layout, Role, Tenant
from cutover.plan.desired import File, Image
from cutover.plan.probe import Probe
from cutover.products.omnileads.components.redis_pair import ROLES, ask_who_is_main, paired, program
from cutover.products.omnileads.sheet import Component, Mount, Port, Repository, exchange, placement
from cutover.products.omnileads.site import Site


class Redis(Component):
    """
    Sessions, live statistics, Asterisk's configuration stream, and Kamailio's locations (database 1).

    In HA there are two, one of which follows the other. Which is decided by the Sentinels, also when one starts again.
    """

    name = "redis"
    unit = "redis"
    container = "oml-redis-server"
    repository = Repository("docker.io/omnileads/redis", "redis")
    where = placement(aio=True, ait={Role.DATA}, ha={Role.APP})
    ports = (Port(6379, "Redis protocol"),)
    mounts = (Mount("oml_redis", "/data"),)
    env = "redis.env"

    def image(self, tenant: Tenant, image: Image) -> Image:
        """In HA always an image that knows the pair, also where a release names one that does not."""
        return paired(image, self.repository.name) if tenant.layout is Layout.HA else image

    def files(self, site: Site) -> tuple[File, ...]:
        """What asks the Sentinels."""
        return (program(),) if site.ha else ()

    def before(self, site: Site) -> tuple[str, ...]:
        """Ask the Sentinels whom to follow."""
        return (ask_who_is_main(site),) if site.ha else ()

    def run_options(self, site: Site) -> tuple[str, ...]:
        """What they said."""
        return (f"--env-file={ROLES}",) if site.ha else ()

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """PING at the address that the other components use."""
        return (exchange(site.redis_bind, 6379, "PING", "+PONG"),)
