"""The web application's asynchronous side."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.probe import Probe, TcpConnects
from cutover.products.omnileads.sheet import Component, Port, Repository, placement
from cutover.products.omnileads.site import Site


class Daphne(Component):
    """The web application under Daphne (ASGI). Waits for Django, which brings the schema."""

    name = "daphne"
    unit = "daphne"
    container = "oml-daphne-server"
    repository = Repository("docker.io/omnileads/omlapp", "omlapp", "omnileads_version")
    where = placement(aio=True, ait={Role.APP}, ha={Role.APP})
    ports = (Port(8098, "HTTP, from nginx"),)
    env = "daphne.env"
    after = frozenset({"django"})
    deadline = 120.0

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """The port."""
        return (TcpConnects("127.0.0.1", 8098),)
