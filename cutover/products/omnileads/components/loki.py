"""Loki."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.desired import File
from cutover.plan.probe import HttpAnswers, Probe
from cutover.products.omnileads.render import plain_file
from cutover.products.omnileads.sheet import Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import Site

CONFIGURATION = "/etc/default/loki.yml"


class Loki(Component):
    """Keeps the tenant's logs, in a volume."""

    name = "loki"
    unit = "loki"
    container = "loki-server"
    repository = Repository("docker.io/grafana/loki", "observability")
    where = placement(ait={Role.DATA})
    ports = (Port(3100, "pushes and queries"),)
    mounts = (Mount(CONFIGURATION, "/mnt/config/loki-config.yaml", "ro,z"), Mount("oml_loki", "/loki"))
    deadline = 120.0

    def arguments(self, site: Site) -> tuple[str, ...]:
        """Where its configuration is."""
        return ("-config.file=/mnt/config/loki-config.yaml",)

    def files(self, site: Site) -> tuple[File, ...]:
        """How it stores."""
        return (File(CONFIGURATION, plain_file("loki.yml")),)

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Its own readiness page, which opens about 15 s after the start."""
        return (HttpAnswers("http://127.0.0.1:3100/ready"),)
