"""HAProxy."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.probe import Probe, TcpConnects
from cutover.products.omnileads.sheet import Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import Site


class Haproxy(Component):
    """Balances the web application and leads to the Redis that is master."""

    name = "haproxy"
    unit = "haproxy"
    container = "oml-haproxy-server"
    repository = Repository("docker.io/haproxy", "haproxy")
    where = placement(ha={Role.HAPROXY})
    ports = (Port(443, "web"), Port(6379, "Redis"))
    mounts = (
        Mount("/etc/omnileads/haproxy.cfg", "/usr/local/etc/haproxy/haproxy.cfg", "ro,z"),
        Mount("/etc/omnileads/hap.pem", "/etc/haproxy/certs/hap.pem", "ro,z"),
    )

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Both ports."""
        return (TcpConnects("127.0.0.1", site.variables.app_port), TcpConnects("127.0.0.1", site.variables.redis_port))
