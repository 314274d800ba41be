"""Redis."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.probe import Probe
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

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """PING at the address that the other components use."""
        return (exchange(site.redis_bind, 6379, "PING", "+PONG"),)
