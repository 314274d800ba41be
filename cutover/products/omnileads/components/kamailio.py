"""Kamailio."""

from __future__ import annotations

from cutover.errors import CutoverError, Finding
from cutover.inventory import Layout, Role, Tenant
from cutover.plan.desired import File
from cutover.plan.probe import Probe, TlsHandshakes, UdpAnswers
from cutover.products.omnileads.sheet import REDIS, Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import CERTIFICATES, Site

CONFIGURATION = "/etc/omnileads/kamailio.cfg"
GIVEN = "kamailio.cfg"
"""The configuration in an HA tenant's folder, beside its inventory."""


class Kamailio(Component):
    """
    SIP over secure WebSocket for the agents' browsers. Does not start without Redis and RTPengine.

    In HA it has the operator's configuration, for both nodes the same: it knows two RTPengines, the Asterisk that holds
    the virtual IP, and how agents prove who they are, and it listens on another SIP port.
    """

    name = "kamailio"
    unit = "kamailio"
    container = "oml-kamailio-server"
    repository = Repository("docker.io/omnileads/kamailio", "kamailio", "kamailio_version")
    where = placement(aio=True, ait={Role.APP}, ha={Role.APP})
    ports = (Port(14443, "secure WebSocket, from nginx"), Port(10060, "SIP with Asterisk; 5080 in HA", "udp"))
    mounts = (Mount(CERTIFICATES, CERTIFICATES, "z"),)
    env = "kamailio.env"
    after = REDIS | {"rtpengine"}

    def listens(self, tenant: Tenant) -> tuple[Port, ...]:
        """In HA another port for SIP."""
        return (self.ports[0], Port(sip_port(tenant), "SIP with Asterisk", "udp"))

    def volumes(self, site: Site) -> tuple[Mount, ...]:
        """In HA also its configuration."""
        return (*self.mounts, Mount(CONFIGURATION, "/etc/kamailio/kamailio.cfg", "ro,z")) if site.ha else self.mounts

    def files(self, site: Site) -> tuple[File, ...]:
        """In HA its configuration, which may hold the secret of the agents' credentials."""
        return (File(CONFIGURATION, given(site.tenant), 0o600, secret=True),) if site.ha else ()

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """A TLS handshake, and OPTIONS without a user part, which the routing answers itself."""
        address, port = site.kamailio_bind, sip_port(site.tenant)
        return (TlsHandshakes(address, 14443), UdpAnswers(address, port, options(address, port), b"SIP/2.0 200"))


def given(tenant: Tenant) -> bytes:
    """Return the configuration in the tenant's folder; raises CutoverError when there is none."""
    file = tenant.folder / GIVEN
    if file.is_file():
        return file.read_bytes()
    why = "an HA tenant's Kamailio has to know both voice hosts; the configuration in its image knows one"
    todo = f"put it beside the inventory; a cluster of the old tool has it on app_1 as {CONFIGURATION}"
    raise CutoverError(Finding("CUT-422", f"`{GIVEN}` is missing", str(file), why, todo))


def sip_port(tenant: Tenant) -> int:
    """Return the port for SIP with Asterisk."""
    return 5080 if tenant.layout is Layout.HA else 10060


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
