"""Asterisk."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.plan.desired import File
from cutover.plan.probe import Probe, TcpConnects
from cutover.products.omnileads.dialplan import custom_files
from cutover.products.omnileads.sheet import POSTGRESQL, REDIS, Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import CUSTOM, Site


class Asterisk(Component):
    """The telephone switch: trunks, queues, recordings."""

    name = "asterisk"
    unit = "asterisk"
    container = "oml-asterisk-server"
    repository = Repository("docker.io/omnileads/asterisk", "asterisk", "asterisk_version")
    where = placement(aio=True, ait={Role.VOICE}, ha={Role.VOICE})
    ports = (
        Port(5060, "SIP trunks", "udp"),
        Port(5160, "SIP from Kamailio", "udp"),
        Port(5038, "manager (AMI)"),
        Port(7088, "ARI and metrics"),
        Port(40000, "media with trunks", "udp", last=50000),
    )
    mounts = (Mount(CUSTOM, CUSTOM, "z"), Mount("asterisk_logs", "/var/log/asterisk"))
    env = "asterisk.env"
    after = POSTGRESQL | REDIS

    def files(self, site: Site) -> tuple[File, ...]:
        """The operator's own dialplan and settings, made once and then the operator's."""
        return custom_files()

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """The manager listens, and the console answers."""
        uptime = self.inside(("asterisk", "-rx", "core show uptime"), "System uptime")
        return (TcpConnects(site.host.lan, 5038), uptime)
