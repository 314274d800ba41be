"""The web application's timed jobs."""

from __future__ import annotations

from cutover.inventory import Layout, Role, Tenant
from cutover.plan.probe import Probe
from cutover.products.omnileads.sheet import Component, Port, Repository, placement
from cutover.products.omnileads.site import Site


class Cron(Component):
    """
    The web application's timed jobs: preview campaigns every minute, mp3 conversion at 01:00, reports.

    In HA it is on both app hosts and runs on one: keepalived starts and stops it.
    """

    name = "cron"
    unit = "omlcron"
    container = "oml-cron-server"
    repository = Repository("docker.io/omnileads/omlapp", "omlapp", "omnileads_version")
    where = placement(aio=True, ait={Role.APP}, ha={Role.APP})
    ports = (Port(8097, "uwsgi protocol, used by nobody"),)
    env = "omlcron.env"
    after = frozenset({"django"})
    deadline = 120.0

    def starts(self, tenant: Tenant) -> bool:
        """In HA keepalived starts it."""
        return tenant.layout is not Layout.HA

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """A cron daemon runs inside; the image has no tool to look for processes by name."""
        running = "cat /proc/[0-9]*/comm 2>/dev/null | grep -x -E 'crond?'"
        return (self.inside(("sh", "-c", running), "cron"),)
