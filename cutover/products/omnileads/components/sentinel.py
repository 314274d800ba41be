"""Redis Sentinel."""

from __future__ import annotations

from cutover.inventory import Host, Role, Tenant
from cutover.plan.desired import Image
from cutover.plan.probe import Probe
from cutover.products.omnileads.components.redis import paired
from cutover.products.omnileads.sheet import Component, Port, Repository, placement
from cutover.products.omnileads.site import SENTINELS, Site


class Sentinel(Component):
    """Decides which Redis of the pair is master."""

    name = "sentinel"
    unit = "sentinel"
    container = "oml-sentinel-server"
    repository = Repository("docker.io/omnileads/redis_sentinel", "redis")
    where = placement(ha={Role.VOICE, Role.APP, Role.HAPROXY})
    ports = (Port(26379, "Sentinel protocol"),)
    env = "sentinel.env"
    after = frozenset({"redis"})

    def placed(self, tenant: Tenant, host: Host) -> bool:
        """On the hosts that hold one."""
        return super().placed(tenant, host) and host.name in SENTINELS

    def image(self, tenant: Tenant, image: Image) -> Image:
        """Of the same build as Redis."""
        return paired(self, image)

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Enough Sentinels agree to change the master."""
        ask = ("redis-cli", "-h", site.host.lan, "-p", "26379", "sentinel", "ckquorum", "master")
        return (self.inside(ask, "OK"),)
