"""Addresses that are used twice, and virtual IPs that cannot work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network

from cutover.errors import Finding
from cutover.inventory.codes import Code
from cutover.inventory.groups import Written
from cutover.inventory.report import Report
from cutover.inventory.tenant import Layout, Tenant
from cutover.inventory.values import Given

VIPS = ("postgres_host", "postgres_ro_host", "voice_host", "application_host")
"""In HA these are virtual IPs: PostgreSQL to write, PostgreSQL to read, voice, HAProxy."""


def check_addresses(layout: Layout, tenant: Given, hosts: dict[str, Given], written: Written, report: Report) -> None:
    """Report addresses that two hosts claim; in HA also virtual IPs that are a host's, another's, or out of reach."""
    lan = _claimed_twice(hosts, written, report)
    if layout is Layout.HA:
        vips = _vips(tenant, report)
        _check_vips(vips, lan, tenant, report)
        _check_network(vips, hosts, tenant, report)


def shared(tenants: Iterable[Tenant]) -> Iterator[Finding]:
    """Yield a warning for each address that hosts or virtual IPs of two tenants connect to."""
    seen: dict[tuple[str, int], str] = {}
    for tenant in tenants:
        claims = {(host.address, host.port): host.name for host in tenant.hosts}
        if tenant.layout is Layout.HA:
            claims |= {(str(getattr(tenant.variables, name)), 22): name for name in VIPS}
        for claim, name in claims.items():
            other = seen.setdefault(claim, tenant.name)
            if other != tenant.name:
                what = f"`{name}` has the address {claim[0]}, which the tenant `{other}` uses too"
                where = str(tenant.folder / "inventory.yml")
                yield Finding(str(Code.SHARED), what, where, "", "make sure that these are two hosts", fatal=False)


def _claimed_twice(hosts: dict[str, Given], written: Written, report: Report) -> dict[str, str]:
    """Report addresses of two hosts; return who has which private or public address."""
    owners: dict[str, str] = {}
    doors: dict[tuple[str, str], str] = {}
    for name, given in hosts.items():
        lan, address = given.text("omni_ip_lan"), given.text("ansible_host")
        door = (address or "", given.text("ansible_port") or "22")
        for claim, other in ((lan, owners.get(lan or "")), (address, doors.get(door))):
            if claim and other and other != name:
                mark = written.hosts[name].key.mark
                report.error(
                    Code.OVERLAP, mark, f"`{name}` and `{other}` have the same address {claim}", "", "mend one"
                )
                break
        else:
            if address and owners.get(address, name) != name:
                what = f"`{name}` is reached at {address}, which is the private address of `{owners[address]}`"
                report.error(Code.OVERLAP, written.hosts[name].key.mark, what, "", "mend one")
        if lan:
            owners.setdefault(lan, name)
        if address:
            doors.setdefault(door, name)
    return {address: name for (address, _), name in doors.items()} | owners


def _vips(tenant: Given, report: Report) -> dict[str, str]:
    """Return the virtual IPs; one that is no IPv4 address is reported."""
    vips: dict[str, str] = {}
    for name in VIPS:
        vip = tenant.text(name)
        if vip is None:
            continue
        try:
            vips[name] = str(IPv4Address(vip))
        except ValueError:
            what, why = f"`{name}` is `{vip}`", "in HA it is a virtual IP, so it is an IPv4 address"
            report.error(Code.VIP, tenant.mark(name), what, why, "write the address")
    return vips


def _check_vips(vips: dict[str, str], lan: dict[str, str], tenant: Given, report: Report) -> None:
    """Report virtual IPs that are taken: by a host, or by another virtual IP."""
    first: dict[str, str] = {}
    for name, vip in vips.items():
        other = first.setdefault(vip, name)
        if vip in lan:
            what = f"the virtual IP `{name}` is the address of `{lan[vip]}`"
            report.error(Code.OVERLAP, tenant.mark(name), what, "it moves between two hosts", "take a free address")
        if other != name:
            what = f"`{name}` and `{other}` are the same virtual IP {vip}"
            report.error(Code.OVERLAP, tenant.mark(name), what, "each is on another host", "take a free address")
    redis, web = tenant.text("redis_host"), vips.get("application_host")
    if redis and web and redis != web:
        what = f"`redis_host` is `{redis}`, `application_host` `{web}`"
        why = "in HA both are the virtual IP of the HAProxy pair"
        report.error(Code.CONTRADICTION, tenant.mark("redis_host"), what, why, "remove `redis_host`")


def _check_network(vips: dict[str, str], hosts: dict[str, Given], tenant: Given, report: Report) -> None:
    """Report virtual IPs and clients of PostgreSQL outside the network that may reach it."""
    network = _network(tenant.text("netaddr"))
    if network is None:
        return
    mark = tenant.mark("netaddr")
    for name, vip in vips.items():
        if IPv4Address(vip) not in network:
            what, todo = f"the virtual IP `{name}` {vip} is outside `netaddr` {network}", "mend one of the two"
            report.error(Code.VIP, tenant.mark(name), what, "", todo)
    for name, given in hosts.items():
        lan = _address(given.text("omni_ip_lan"))
        if lan is not None and lan not in network and not name.startswith(("haproxy", "witness")):
            what, why = f"`{name}` {lan} is outside `netaddr` {network}", "PostgreSQL would refuse it"
            report.error(Code.VIP, mark, what, why, "widen `netaddr`")
    prefix = tenant.text("netprefix") or "24"
    if prefix != str(network.prefixlen):
        what = f"`netprefix` is {prefix}, `netaddr` {network}"
        why = "the virtual IPs of PostgreSQL get a network of another size than the hosts'"
        todo = f"write `netprefix: {network.prefixlen}` if {network} is the hosts' own network"
        report.warn(Code.DOUBTFUL, tenant.mark("netprefix") or mark, what, why, todo)


def _network(text: str | None) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False) if text else None
    except ValueError:
        return None


def _address(text: str | None) -> IPv4Address | None:
    try:
        return IPv4Address(text) if text else None
    except ValueError:
        return None
