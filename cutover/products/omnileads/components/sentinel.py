"""Redis Sentinel."""

from __future__ import annotations

from cutover.inventory import Host, Role, Tenant
from cutover.plan.desired import File, Image
from cutover.plan.probe import Probe
from cutover.products.omnileads.components.redis_pair import ROLES, ask_who_is_main, paired, program
from cutover.products.omnileads.sheet import Component, Port, Repository, exchange, placement
from cutover.products.omnileads.site import Site, sentinels


class Sentinel(Component):
    """Decides which Redis of the pair is main. There are three, on hosts that do not fail together (W39)."""

    name = "sentinel"
    unit = "sentinel"
    container = "oml-sentinel-server"
    repository = Repository("docker.io/omnileads/redis_sentinel", "redis")
    where = placement(ha={Role.VOICE, Role.HAPROXY, Role.WITNESS})
    ports = (Port(26379, "Sentinel protocol"),)
    env = "sentinel.env"
    after = frozenset({"redis"})

    def placed(self, tenant: Tenant, host: Host) -> bool:
        """On the hosts that hold one."""
        return super().placed(tenant, host) and host in sentinels(tenant)

    def image(self, tenant: Tenant, image: Image) -> Image:
        """Of the same build as Redis."""
        return paired(image, self.repository.name)

    def files(self, site: Site) -> tuple[File, ...]:
        """What asks the other Sentinels."""
        return (program(),)

    def before(self, site: Site) -> tuple[str, ...]:
        """Ask the other Sentinels whom to watch."""
        return (ask_who_is_main(site),)

    def run_options(self, site: Site) -> tuple[str, ...]:
        """What they said."""
        return (f"--env-file={ROLES}",)

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Enough Sentinels agree to change the main Redis."""
        return (exchange(site.host.lan, 26379, "SENTINEL ckquorum master", "+OK"),)
