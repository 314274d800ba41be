"""RTPengine."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.probe import Probe, UdpAnswers
from cutover.products.omnileads.sheet import Component, Port, Repository, placement
from cutover.products.omnileads.site import Site


class Rtpengine(Component):
    """Relays media between browsers (WebRTC) and Asterisk, controlled by Kamailio."""

    name = "rtpengine"
    unit = "rtpengine"
    container = "oml-rtpengine-server"
    repository = Repository("docker.io/omnileads/rtpengine", "rtpengine", "rtpengine_version")
    where = placement(aio=True, ait={Role.VOICE}, ha={Role.VOICE})
    ports = (
        Port(22222, "NG control protocol", "udp"),
        Port(20000, "media with browsers", "udp", last=30000),
    )
    env = "rtpengine.env"

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Ping of the NG protocol: a cookie and a bencoded dictionary each way."""
        return (UdpAnswers(site.host.lan, 22222, b"cutover d7:command4:pinge", b"6:result4:pong"),)
