"""keepalived: which host of a pair holds its virtual IP, or has the turn to run cron."""

from __future__ import annotations

from typing import ClassVar

from cutover.inventory import Role
from cutover.plan.desired import File, Service
from cutover.plan.probe import Gate, HostRuns, Probe, TcpConnects
from cutover.products.omnileads.render import env_file, plain_file
from cutover.products.omnileads.sheet import Component, placement
from cutover.products.omnileads.site import PROGRAMS, Site
from cutover.products.omnileads.vrrp import password, router_id

CONFIGURATION = "/etc/keepalived/keepalived.conf"
CHECK = f"{PROGRAMS}/keepalived-check"
TURN = f"{PROGRAMS}/keepalived-turn"


class Keepalived(Component):
    """
    VRRP between the two hosts of a pair, by the distribution's package.

    Who is preferred matters only while neither host has the turn: the one that has it keeps it (W41), until it
    is away or `check` says that what it stands for does not answer (W42). `turn` is run at each change.
    """

    unit = "keepalived"
    container = None
    deadline = 60.0
    check: ClassVar[str]
    turn: ClassVar[str]

    def own_service(self, site: Site) -> Service:
        """A unit that tests the configuration before each start and reload; whoever stops gives the turn away."""
        return Service(
            component=self.name,
            unit=self.unit,
            container=None,
            image=None,
            unit_file=File(
                "/etc/systemd/system/keepalived.service", plain_file("keepalived.service", site=site, turn=TURN)
            ),
            inputs=tuple(file.path for file in self.files(site)),
            after=self.after,
            gate=Gate(self.probes(site), self.deadline),
            reloads=True,
        )

    def files(self, site: Site) -> tuple[File, ...]:
        """Its configuration, what it asks every two seconds, and what it runs when the turn comes or goes."""
        values = {"component": self, "site": site, "v": site.variables, "at": site.addresses}
        secrets = {"router_id": router_id(site.tenant.name, site.host.role), "password": password(site.tenant)}
        configuration, secret = env_file("keepalived.conf", **values, **secrets, check=CHECK, turn=TURN)
        return (
            File(CONFIGURATION, configuration, 0o600, secret=secret),
            File(CHECK, plain_file(self.check, **values), 0o755),
            File(TURN, plain_file(self.turn, **values), 0o755),
        )

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Has the turn or waits for it, and the host is accordingly."""
        return (HostRuns((TURN, "verify")),)


class KeepalivedHaproxy(Keepalived):
    """Who holds the virtual IP of web and Redis: a host whose HAProxy answers."""

    name = "keepalived_haproxy"
    where = placement(ha={Role.HAPROXY})
    after = frozenset({"haproxy"})
    check = "keepalived-check-haproxy"
    turn = "keepalived-turn-address"

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """One of the two answers at the virtual IP."""
        return (*super().probes(site), TcpConnects(str(site.virtual_address), site.variables.app_port))


class KeepalivedVoice(Keepalived):
    """Who holds the virtual IP of telephony: a host whose Asterisk answers."""

    name = "keepalived_voice"
    where = placement(ha={Role.VOICE})
    after = frozenset({"asterisk"})
    check = "keepalived-check-asterisk"
    turn = "keepalived-turn-voice"

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """One of the two answers at the virtual IP."""
        return (*super().probes(site), TcpConnects(str(site.virtual_address), 5038))


class KeepalivedApp(Keepalived):
    """Who runs cron: a host that reaches database and Redis. There is no virtual IP."""

    name = "keepalived_app"
    where = placement(ha={Role.APP})
    after = frozenset({"django", "cron"})
    deadline = 120.0
    check = "keepalived-check-app"
    turn = "keepalived-turn-cron"
