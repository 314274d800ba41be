"""Websockets."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.probe import HttpAnswers, Probe
from cutover.products.omnileads.sheet import REDIS, Component, Port, Repository, placement
from cutover.products.omnileads.site import Site


class Websockets(Component):
    """Pushes live events from Redis to the browsers."""

    name = "websockets"
    unit = "websockets"
    container = "oml-websockets-server"
    repository = Repository("docker.io/omnileads/websockets", "websockets", "websockets_version")
    where = placement(aio=True, ait={Role.APP}, ha={Role.APP})
    ports = (Port(8000, "WebSocket, from nginx"),)
    env = "websockets.env"
    after = REDIS | {"sentinel"}

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Its own health page."""
        return (HttpAnswers(f"http://{site.host.lan}:8000/health-checks"),)
