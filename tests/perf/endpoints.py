"""Many hosts with tenants installed on them, from golden states: of three hosts each, and of one for what remains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cutover.inventory import Tenant, load
from tests.lab import tenants
from tests.lab.controller import Controller
from tests.lab.flows import anew, kept
from tests.lab.flows.kept import PARTS
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.limits import raise_limits
from tests.lab.waiting import wait_for

PATIENCE = 600.0
ALL_RUN = """
cd /etc/systemd/system/default.target.wants && units=$(grep -l 'Written by Cutover' *.service) || exit
[ "$(systemctl show --property ActiveState $units | sort -u | xargs)" = ActiveState=active ]
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """A tenant and its hosts, in the order of its inventory."""

    tenant: Tenant
    hosts: Sequence[Host]


def layouts(count: int) -> list[str]:
    """Return the layouts of tenants that have so many hosts together."""
    return ["ait"] * (count // 3) + ["aio"] * (count % 3)


def install(lab: Lab, controller: Controller, count: int) -> list[Installed]:
    """Return tenants with `count` hosts, all of whose units run; one tenant after the other is switched on."""
    raise_limits()
    return [_installed(lab, controller, number, layout) for number, layout in enumerate(layouts(count), 1)]


def _installed(lab: Lab, controller: Controller, number: int, layout: str) -> Installed:
    name, state = f"fleet{number:02}", kept.ensure(lab, layout)
    hosts: list[Host] = []
    for part, address in zip(PARTS[layout], _addresses(lab, number), strict=False):
        hosts += lab.create([f"{name}-{part}"], golden_state=state.state(part), addresses=[address])
    tenants.make(controller.tenants, name, layout, hosts, state.secrets)
    tenant = load(name, controller.tenants)
    anew.write(tenant, hosts, None)
    lab.start(hosts)
    wait_for(f"{name}: all its units", lambda: all(map(_runs, hosts)), PATIENCE, 0.5)
    return Installed(tenant, hosts)


def _addresses(lab: Lab, number: int) -> list[str]:
    """Return four addresses for a tenant; every tenant's fall alike into networks, as which a firewall names them."""
    first = 8 + 4 * number
    return [f"{lab.settings.net}.{each}" for each in range(first, first + 4)]


def _runs(host: Host) -> bool:
    """Are all units of a host active?"""
    return host.run(ALL_RUN, check=False).returncode == 0
