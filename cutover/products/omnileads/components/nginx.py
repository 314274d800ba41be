"""nginx."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.probe import HttpAnswers, Probe, TlsHandshakes
from cutover.products.omnileads.sheet import Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import CERTIFICATES, Site


class Nginx(Component):
    """
    Web entry: TLS, static files, proxy to Django, Daphne, websockets, Kamailio and an own MinIO.

    It could start at once, but then it would be the first to mount Django's volumes and to give them their owner.
    So it follows Django, beside Daphne and cron, and its gate is that of the whole application.
    """

    name = "nginx"
    unit = "nginx"
    container = "oml-nginx-server"
    repository = Repository("docker.io/omnileads/nginx", "nginx", "nginx_version")
    where = placement(aio=True, ait={Role.APP}, ha={Role.APP})
    ports = (Port(443, "web"), Port(80, "redirects to 443"))
    mounts = (
        Mount(CERTIFICATES, CERTIFICATES, "z"),
        Mount("django_static", "/opt/omnileads/static"),
        Mount("django_callrec_zip", "/opt/omnileads/asterisk/var/spool/asterisk/monitor"),
        Mount("nginx_logs", "/var/log/nginx"),
    )
    env = "nginx.env"
    after = frozenset({"django"})

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """TLS, then the application behind it: a redirect to the login page (502: Django is not there)."""
        return (TlsHandshakes("127.0.0.1", 443), HttpAnswers("https://127.0.0.1/", (302,), "HEAD"))
