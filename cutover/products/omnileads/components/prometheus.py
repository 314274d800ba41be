"""Prometheus."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.desired import File
from cutover.plan.probe import HttpAnswers, Probe
from cutover.products.omnileads.render import plain_file
from cutover.products.omnileads.sheet import Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import Site

CONFIGURATION = "/etc/default/prometheus.yml"


class Prometheus(Component):
    """Collects the tenant's metrics for 30 days; a monitoring centre reads it by federation."""

    name = "prometheus"
    unit = "prometheus"
    container = "prometheus-server"
    repository = Repository("docker.io/prom/prometheus", "observability")
    where = placement(ait={Role.APP})
    ports = (Port(9090, "queries and federation"),)
    mounts = (Mount(CONFIGURATION, "/etc/prometheus/prometheus.yml", "ro,z"), Mount("prometheus_data", "/prometheus"))

    def arguments(self, site: Site) -> tuple[str, ...]:
        """Where its configuration and data are, and for how long data is kept."""
        return (
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            "--storage.tsdb.retention.time=30d",
            "--web.enable-lifecycle",
        )

    def files(self, site: Site) -> tuple[File, ...]:
        """What it scrapes."""
        return (File(CONFIGURATION, plain_file("prometheus.yml", site=site, tenant=site.tenant)),)

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Its own readiness page."""
        return (HttpAnswers("http://127.0.0.1:9090/-/ready"),)
