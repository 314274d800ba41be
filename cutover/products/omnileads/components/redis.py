"""Redis."""

from __future__ import annotations

from cutover.inventory import Layout, Role, Tenant
from cutover.plan.desired import Image
from cutover.plan.probe import Probe
from cutover.products.omnileads.releases import fixed
from cutover.products.omnileads.sheet import Component, Mount, Port, Repository, exchange, placement
from cutover.products.omnileads.site import Site


class Redis(Component):
    """Sessions, live statistics, Asterisk's configuration stream, and Kamailio's locations (database 1)."""

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
        return paired(self, image) if tenant.layout is Layout.HA else image

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """PING at the address that the other components use."""
        return (exchange(site.redis_bind, 6379, "PING", "+PONG"),)


def paired(component: Component, image: Image) -> Image:
    """Return the image as it is when it is the component's own, else the component's own of the HA era."""
    own = component.repository.name if component.repository else image.name
    return image if image.name == own else Image(own, fixed("redis_pair"))
