"""The host's metrics."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.probe import HttpAnswers, Probe
from cutover.products.omnileads.sheet import AIT_HOSTS, HA_HOSTS, Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import Site


class NodeExporter(Component):
    """Metrics of the host: it reads the host's root, not its container's."""

    name = "node_exporter"
    unit = "prometheus_node_exporter"
    container = "oml-prometheus_node_exporter-server"
    repository = Repository("docker.io/prom/node-exporter", "exporter")
    where = placement(aio=True, ait=AIT_HOSTS, ha=HA_HOSTS - {Role.SQL})
    ports = (Port(9100, "metrics"),)
    mounts = (Mount("/", "/host", "ro,rslave"),)
    env = "prometheus_node_exporter.env"
    options = ("--security-opt=label=disable",)

    def arguments(self, site: Site) -> tuple[str, ...]:
        """Look below the mounted root."""
        return ("--path.rootfs=/host", "--path.procfs=/host/proc", "--path.sysfs=/host/sys")

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Its metrics."""
        return (HttpAnswers("http://127.0.0.1:9100/metrics"),)
