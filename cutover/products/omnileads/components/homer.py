"""Homer's web interface."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.probe import Probe, TcpConnects
from cutover.products.omnileads.sheet import Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import Site

BOOTSTRAP = "/etc/default/bootstrap"


class Homer(Component):
    """Shows SIP traffic to administrators. Its port is the image's own choice."""

    name = "homer"
    unit = "homer"
    container = "homer-server"
    repository = Repository("docker.io/sipcapture/webapp", "observability")
    where = placement(ait={Role.VOICE})
    ports = (Port(80, "web, for administrators"),)
    mounts = (Mount(BOOTSTRAP, "/app/bootstrap", "z"),)
    env = "homer.env"
    after = frozenset({"postgresql", "databases", "heplify"})

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """The port."""
        return (TcpConnects("127.0.0.1", 80),)
