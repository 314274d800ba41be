"""Homer's collector."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.probe import HttpAnswers, Probe
from cutover.products.omnileads.sheet import Component, Port, Repository, placement
from cutover.products.omnileads.site import Site


class Heplify(Component):
    """Writes the SIP traffic that Asterisk reports into database homer7, kept for 5 days."""

    name = "heplify"
    unit = "heplify"
    container = "heplify-server"
    repository = Repository("docker.io/sipcapture/heplify-server", "observability")
    where = placement(ait={Role.VOICE})
    ports = (Port(9060, "HEP", "udp"), Port(9061, "HEP"), Port(9096, "metrics"))
    env = "heplify.env"
    options = ("--entrypoint=./heplify-server",)
    after = frozenset({"postgresql", "databases"})

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Its metrics."""
        return (HttpAnswers(f"http://{site.host.lan}:9096/metrics"),)
