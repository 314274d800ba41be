"""
An HA tenant on eight hosts of the lab, installed just now; its bucket is in the lab's S3 store.

    acme = installed_pairs(controller, hosts, "acme")
    (holder,) = acme.holders("application_host")
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPSConnection

from cutover.inventory import load
from cutover.products.omnileads.components.haproxy import COOKIE, node_names
from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller
from tests.lab.flows.seen import state
from tests.lab.host import Host
from tests.lab.site import answers
from tests.lab.tenants import PAIRS, LabTenant
from tests.lab.waiting import wait_for

LAYER = "ha"
UNKNOWN = ssl._create_unverified_context()  # noqa: S323 - a self-signed certificate is what is met here
PATIENCE = 180.0
"""Seconds; how long a failover may take on a machine that has much else to do."""

VIRTUAL = ("postgres_host", "postgres_ro_host", "voice_host", "application_host")


@dataclass(frozen=True, slots=True)
class Paired:
    """An HA tenant, its hosts by their names in the inventory, and its virtual IPs by their variables."""

    controller: Controller
    tenant: LabTenant
    hosts: Mapping[str, Host]
    addresses: Mapping[str, str]

    @property
    def all(self) -> Sequence[Host]:
        """The hosts in the order of the inventory."""
        return tuple(self.hosts.values())

    def holders(self, variable: str, names: Sequence[str] = PAIRS) -> list[str]:
        """Return which of the hosts that are on, or of some of them, hold a virtual IP."""
        address = self.addresses[variable]
        return self._where(lambda _: f"ip -4 -oneline address show | grep --quiet ' {address}/'", names)

    def running(self, unit: str) -> list[str]:
        """Return on which of the hosts that are on a unit is active."""
        return self._where(lambda _: f"systemctl --quiet is-active {unit}")

    def masters(self) -> list[str]:
        """Return which Redis that answers says that it is a master."""
        role = "podman exec oml-redis-server redis-cli -h {} role | grep --quiet master"
        return self._where(lambda host: role.format(host.address), ("app_1", "app_2"))

    def leads_to_a_master(self, name: str) -> bool:
        """Is the Redis behind the virtual IP one that can be written to? Asked from a host that may."""
        ask = "exec 3<>/dev/tcp/{}/6379 && printf 'ROLE\\r\\n' >&3 && head -c 14 <&3 | grep --quiet master"
        asked = f'timeout 5 bash -c "{ask.format(self.addresses["application_host"])}"'
        return self.hosts[name].run(asked, check=False).returncode == 0

    def waiting(self, name: str) -> list[str]:
        """Return the host, when keepalived there waits for its turn."""
        return [name] if self.hosts[name].output("cat /run/cutover-keepalived") == "BACKUP" else []

    def leads_to(self, name: str) -> bool:
        """Return whether HAProxy has a web node answer those who were there before."""
        wanted = f"{COOKIE}={node_names(load(self.tenant.name, self.controller.tenants))[name]}"
        with contextlib.suppress(OSError):
            web = HTTPSConnection(self.addresses["application_host"], timeout=15, context=UNKNOWN)
            web.request("HEAD", "/", headers={"Cookie": wanted})
            return web.getresponse().getheader("Set-Cookie") is None
        return False

    def _where(self, condition: Callable[[Host], str], names: Sequence[str] = PAIRS) -> list[str]:
        on = [(name, self.hosts[name]) for name in names if self.hosts[name].running]
        return [name for name, host in on if host.run(condition(host), check=False).returncode == 0]

    def becomes(self, what: str, ask: Callable[[], list[str]], *expected: str) -> None:
        """Wait until exactly the expected hosts are the answer."""
        wait_for(f"{what} on {' and '.join(expected)}", lambda: ask() == list(expected), PATIENCE, 1.0)

    def answers(self) -> None:
        """Wait until the site answers at the virtual IP, as it does to a browser."""

        def right() -> bool:
            with contextlib.suppress(OSError):
                return answers(self.addresses["application_host"]) == [302, 200]
            return False

        wait_for("the site at the virtual IP", right, PATIENCE, 1.0)


def other(name: str) -> str:
    """Return the other host of a pair."""
    return f"{name[:-1]}{'2' if name.endswith('1') else '1'}"


def hosts_of_pairs(controller: Controller, hosts: MakeHosts, name: str) -> Paired:
    """Return an HA tenant that was not installed yet, on hosts with all packages."""
    names = [f"{name}-{each.replace('_', '-')}" for each in PAIRS]
    made = dict(zip(PAIRS, hosts(len(PAIRS), layer=LAYER, names=names), strict=True))
    store = hosts.lab.store
    store.make_bucket(name)
    tenant = controller.tenant(name, "ha", list(made.values()))
    tenant.edit("bucket_url: .*", f"bucket_url: {store.url}")
    tenant.edit("bucket_name: .*", f"bucket_name: {name}")
    tenant.give("bucket_access_key", store.access_key)
    tenant.give("bucket_secret_key", store.secret_key)
    variables = load(name, controller.tenants).variables
    addresses = {variable: str(getattr(variables, variable)) for variable in VIRTUAL}
    return Paired(controller, tenant, made, addresses)


def installed_pairs(controller: Controller, hosts: MakeHosts, name: str) -> Paired:
    """Return an HA tenant that was installed just now."""
    paired = hosts_of_pairs(controller, hosts, name)
    assert state(controller.run("install", name, "--json")) == "Completed"
    return paired
