"""Promtail."""

from __future__ import annotations

from cutover.inventory import Host, Role, Tenant
from cutover.plan.desired import File
from cutover.plan.probe import HttpAnswers, Probe
from cutover.products.omnileads.render import plain_file
from cutover.products.omnileads.sheet import AIT_HOSTS, HA_HOSTS, Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import Site

CONFIGURATION = "/etc/default/promtail.yml"
HOST_LOGS = Mount("/var/log", "/var/log/host", "ro")
DJANGO = Mount("django_logs", "/var/log/django", "ro")
NGINX = Mount("nginx_logs", "/var/log/nginx", "ro")
ASTERISK = Mount("asterisk_logs", "/var/log/asterisk", "ro")

LOGS = {
    Role.AIO: (DJANGO, NGINX, ASTERISK),
    Role.APP: (DJANGO, NGINX),
    Role.VOICE: (ASTERISK,),
}
"""The volumes with log files on a host of each role. Everything else logs to the journal, which is the host's."""


class Promtail(Component):
    """
    Sends the host's logs to Loki. On an AIO host only when `loki_host` names one.

    It follows the components whose volumes it reads, because who mounts a new volume first gives it its owner.
    """

    name = "promtail"
    unit = "promtail"
    container = "promtail-server"
    repository = Repository("docker.io/grafana/promtail", "observability")
    where = placement(aio=True, ait=AIT_HOSTS, ha=HA_HOSTS - {Role.SQL})
    ports = (Port(9080, "readiness"),)
    mounts = (Mount(CONFIGURATION, "/etc/promtail/promtail.yml", "ro"), Mount("oml_promtail", "/tmp"), HOST_LOGS)  # noqa: S108
    options = ("--security-opt=label=disable",)
    after = frozenset({"asterisk", "django"})

    def placed(self, tenant: Tenant, host: Host) -> bool:
        """Wherever logs can be sent somewhere."""
        return super().placed(tenant, host) and tenant.derived(host).loki_host is not None

    def volumes(self, site: Site) -> tuple[Mount, ...]:
        """The logs that the host's role has."""
        return (*self.mounts, *LOGS.get(site.host.role, ()))

    def arguments(self, site: Site) -> tuple[str, ...]:
        """Where its configuration is."""
        return ("-config.file=/etc/promtail/promtail.yml",)

    def files(self, site: Site) -> tuple[File, ...]:
        """What it reads and where it sends it."""
        logs = [mount.target.rpartition("/")[2] for mount in LOGS.get(site.host.role, ())]
        return (File(CONFIGURATION, plain_file("promtail.yml", site=site, logs=logs)),)

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Its own readiness page."""
        return (HttpAnswers(f"http://{site.host.lan}:9080/ready"),)
