"""HAProxy."""

from __future__ import annotations

from cutover.inventory import Role, Tenant
from cutover.plan.desired import File
from cutover.plan.probe import HttpAnswers, Probe, TcpConnects
from cutover.products.omnileads.render import plain_file
from cutover.products.omnileads.sheet import Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import HAPROXY_PAIR, Site

CONFIGURATION = "/etc/omnileads/haproxy.cfg"
COOKIE = "SRVNAME"
"""Says which web node a browser stays with."""


def node_names(tenant: Tenant) -> dict[str, str]:
    """Return what the cookie says of each web node, by host."""
    return {host.name: f"S{letter}" for host, letter in zip(tenant.hosts_of(Role.APP), "AB", strict=False)}


class Haproxy(Component):
    """
    Balances the web application and leads to the Redis that is master.

    It shows the tenant's own certificate (W24). Both hosts run it; keepalived moves the address.
    """

    name = "haproxy"
    unit = "haproxy"
    container = "oml-haproxy-server"
    repository = Repository("docker.io/library/haproxy", "haproxy")
    where = placement(ha={Role.HAPROXY})
    ports = (Port(443, "web (`app_port`)"), Port(80, "redirects to it"), Port(6379, "Redis (`redis_port`)"))
    mounts = (
        Mount(CONFIGURATION, "/usr/local/etc/haproxy/haproxy.cfg", "ro,z"),
        Mount(HAPROXY_PAIR, "/etc/haproxy/certs/hap.pem", "ro,z"),
    )

    def listens(self, tenant: Tenant) -> tuple[Port, ...]:
        """Both ports are the tenant's choice."""
        v = tenant.variables
        return (Port(v.app_port, "web"), Port(80, "redirects to it"), Port(v.redis_port, "Redis"))

    def files(self, site: Site) -> tuple[File, ...]:
        """Whom it asks, and how it tells who serves."""
        web = {"cookie": COOKIE, "names": node_names(site.tenant)}
        return (File(CONFIGURATION, plain_file("haproxy.cfg", site=site, v=site.variables, at=site.addresses, **web)),)

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """It answers for itself, and its port for Redis is open; what is behind it may come later."""
        v = site.variables
        alive = HttpAnswers(f"https://127.0.0.1:{v.app_port}/haproxy-alive")
        return (alive, TcpConnects("127.0.0.1", v.redis_port))
