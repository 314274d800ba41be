"""Kamailio."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.probe import Probe, TlsHandshakes, UdpAnswers
from cutover.products.omnileads.sheet import Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import CERTIFICATES, Site


class Kamailio(Component):
    """SIP over secure WebSocket for the agents' browsers. Does not start without Redis and RTPengine."""

    name = "kamailio"
    unit = "kamailio"
    container = "oml-kamailio-server"
    repository = Repository("docker.io/omnileads/kamailio", "kamailio", "kamailio_version")
    where = placement(aio=True, ait={Role.APP}, ha={Role.APP})
    ports = (Port(14443, "secure WebSocket, from nginx"), Port(10060, "SIP with Asterisk", "udp"))
    mounts = (Mount(CERTIFICATES, CERTIFICATES, "z"),)
    env = "kamailio.env"
    after = frozenset({"redis", "rtpengine"})

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """A TLS handshake, and OPTIONS without a user part, which the routing answers itself."""
        address = site.kamailio_bind
        return (TlsHandshakes(address, 14443), UdpAnswers(address, 10060, options(address, 10060), b"SIP/2.0 200"))


def options(address: str, port: int) -> bytes:
    """Return a SIP OPTIONS request (RFC 3261, 11) to `address:port`; `rport` sends the answer to where it came from."""
    lines = (
        f"OPTIONS sip:{address}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {address}:9;branch=z9hG4bKcutover;rport",
        "Max-Forwards: 5",
        f"From: <sip:cutover@{address}>;tag=cutover",
        f"To: <sip:{address}:{port}>",
        "Call-ID: cutover-health",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
