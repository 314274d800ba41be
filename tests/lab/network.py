"""
The lab's network: a bridge in a namespace of its own, joined by every host and by the machine.

What must hold: nothing a host sends leaves the /24, and nothing meant for the /24 leaves the machine elsewhere.
The first is the bridge's own rule on the machine's port, whatever the machine forwards or filters. The second
is a blackhole route of last resort, there before the machine's own address in the lab and after it.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.lab.command import run
from tests.lab.errors import LabError
from tests.lab.settings import Settings

BRIDGE = "br0"
UPLINK = "uplink"
LAST_RESORT = "65000"


class Network:
    """The bridge of one lab and what is plugged into it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.namespace = settings.name
        self.link = f"{settings.name}-lan"

    @property
    def exists(self) -> bool:
        """True while the bridge's namespace is there."""
        return Path(f"/run/netns/{self.namespace}").exists()

    def up(self) -> None:
        """Make the bridge and join the machine to it; does nothing when it is there."""
        if self.exists:
            return
        self._refuse_foreign_route()
        subnet = self.settings.subnet
        run("ip", "route", "replace", "blackhole", subnet, "metric", LAST_RESORT)
        run("ip", "netns", "add", self.namespace)
        self._inside("link", "set", "lo", "up")
        # A plain switch: every multicast group is flooded.
        self._inside("link", "add", BRIDGE, "type", "bridge", "mcast_snooping", "0")
        self._inside("link", "set", BRIDGE, "up")
        run("ip", "link", "add", self.link, "type", "veth", "peer", "name", UPLINK, "netns", self.namespace)
        run("ip", "link", "set", self.link, "address", hardware_address(self.settings.gateway))
        self._wall()
        self._inside("link", "set", UPLINK, "master", BRIDGE, "up")
        run("ip", "address", "add", f"{self.settings.gateway}/24", "dev", self.link)
        run("ip", "link", "set", self.link, "up")

    def down(self) -> None:
        """Remove all of it, in reverse; does nothing where nothing is left."""
        run("ip", "link", "delete", self.link, check=False)
        run("ip", "netns", "delete", self.namespace, check=False)
        run("ip", "route", "delete", "blackhole", self.settings.subnet, "metric", LAST_RESORT, check=False)

    def plug(self, address: str, namespace: str) -> None:
        """
        Give a host's namespace its `eth0` on the bridge; does nothing when it has one.

        The hardware address follows from the address: with a new one after a power cut all peers would send
        to the old one for many seconds.
        """
        if Path(f"/run/netns/{namespace}").exists():
            return
        port = port_of(address)
        run("ip", "netns", "add", namespace)
        self._inside("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        run("ip", "-n", namespace, "link", "set", "eth0", "address", hardware_address(address))
        self._inside("link", "set", port, "master", BRIDGE, "up")

    def unplug(self, address: str, namespace: str) -> None:
        """Remove a host's namespace and port."""
        self._inside("link", "delete", port_of(address), check=False)
        run("ip", "netns", "delete", namespace, check=False)

    def cut(self, address: str, other: str | None = None) -> None:
        """Cut a host from everybody, or only from the host with address `other`, both ways."""
        if other is None:
            self._inside("link", "set", port_of(address), "down", check=False)
            return
        one, two = port_of(address), port_of(other)
        for source, target in ((one, two), (two, one)):
            match = ["iifname", source, "oifname", target]
            self._nft("add", "rule", "bridge", "lab", "cut", *match, "drop", "comment", f'"{one} {two}"')

    def heal(self, address: str) -> None:
        """Undo every cut of a host, also those towards single hosts."""
        port = port_of(address)
        self._inside("link", "set", port, "up", check=False)
        listed = json.loads(self._nft("-j", "-a", "list", "chain", "bridge", "lab", "cut"))
        rules = [item["rule"] for item in listed["nftables"] if "rule" in item]
        for rule in rules:
            if port in rule["comment"].split():
                self._nft("delete", "rule", "bridge", "lab", "cut", "handle", str(rule["handle"]))

    def _refuse_foreign_route(self) -> None:
        routes = json.loads(run("ip", "-json", "route", "show", "root", self.settings.subnet).stdout or "[]")
        taken = [route["dst"] for route in routes if route.get("type") != "blackhole"]
        if taken:
            raise LabError(f"the machine already routes {', '.join(taken)}: CUTOVER_LAB_NET names another /24")

    def _wall(self) -> None:
        """The machine's port carries only addresses of the /24, and from the machine only its own one."""
        rules = f"""
        table bridge lab {{
            chain cut {{ type filter hook forward priority 0; }}
            chain wall {{
                type filter hook forward priority 10;
                oifname {UPLINK} ether type arp accept
                iifname {UPLINK} ether type arp accept
                oifname {UPLINK} ip daddr {self.settings.subnet} accept
                iifname {UPLINK} ip saddr {self.settings.gateway} accept
                oifname {UPLINK} drop
                iifname {UPLINK} drop
            }}
        }}
        """
        run("ip", "netns", "exec", self.namespace, "nft", "-f", "-", stdin=rules)

    def _inside(self, *words: str, check: bool = True) -> None:
        run("ip", "-n", self.namespace, *words, check=check)

    def _nft(self, *words: str) -> str:
        return run("ip", "netns", "exec", self.namespace, "nft", *words).stdout


def port_of(address: str) -> str:
    """The name of a host's port on the bridge."""
    return f"host-{address.rpartition('.')[2]}"


def hardware_address(address: str) -> str:
    """The hardware address that belongs to an address of the lab."""
    return "02:00:" + ":".join(f"{int(number):02x}" for number in address.split("."))
