"""
Who may reach which port of a host: reference sheet 8 as data, and as nftables rules.

Table `inet cutover` holds an input chain that drops what nothing lets in. The rows are in a chain whose name carries
their digest, so that what is loaded can be told from what should be. Forwarding and podman's own tables are not
touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_address, ip_network

from cutover.inventory import Host, Layout, Role, Tenant
from cutover.plan.desired import File, Flow, Service
from cutover.plan.probe import Gate, HostRuns
from cutover.products.omnileads.render import plain_file

RULES = "/etc/cutover/firewall.nft"
COMPONENT = "firewall"
UNIT = "cutover-firewall"
RIVALS = ("firewalld", "ufw")
"""The distributions' own firewalls, which would refuse what this one lets in."""

NUMBERS = {"vrrp": 112}
"""Protocols without ports, by their number at the IANA."""


class Party(StrEnum):
    """Who is not one of the tenant's own hosts."""

    WORLD = "everybody"
    CONTROLLERS = "controller_networks"
    MONITORING = "monitoring_networks"
    PROVIDERS = "sip_provider_networks"
    DIALER = "dialer_host"


@dataclass(frozen=True, slots=True)
class Row:
    """
    Where `component` runs, `ports` of `protocol` are open to the tenant's hosts of `roles` and to `parties`.

    `ports` may name a variable of the tenant, as in "{app_port}"; it is empty for a protocol without ports. `peer`: the
    other host of the pair is let in. A row holds for the layouts in `layouts`.
    """

    component: str
    protocol: str
    ports: str
    why: str
    roles: frozenset[Role] = frozenset()
    parties: frozenset[Party] = frozenset()
    peer: bool = False
    layouts: frozenset[Layout] = frozenset(Layout)


_APP = frozenset({Role.APP})
_VOICE = frozenset({Role.VOICE})
_BOTH = _APP | _VOICE
_HAPROXY = frozenset({Role.HAPROXY})
_WITNESS = frozenset({Role.WITNESS})
_SQL = frozenset({Role.SQL})
_VOTERS = _SQL | _WITNESS | _HAPROXY
_HA = frozenset({Layout.HA})
_ALONE = frozenset(Layout) - _HA
_WORLD = frozenset({Party.WORLD})
_MONITORING = frozenset({Party.MONITORING})
_PROVIDERS = frozenset({Party.PROVIDERS})

MATRIX: tuple[Row, ...] = (
    Row("node_exporter", "tcp", "9100", "host metrics", _APP, _MONITORING),
    Row("nginx", "tcp", "443", "web and WebRTC signalling", parties=_WORLD, layouts=_ALONE),
    Row("nginx", "tcp", "80", "redirects to 443", parties=_WORLD, layouts=_ALONE),
    Row("nginx", "tcp", "443", "web and WebRTC signalling, by HAProxy", _HAPROXY, layouts=_HA),
    Row("haproxy", "tcp", "{app_port}", "web and WebRTC signalling", parties=_WORLD),
    Row("haproxy", "tcp", "80", "redirects to it", parties=_WORLD),
    Row("haproxy", "tcp", "{redis_port}", "the main Redis", _BOTH),
    Row("rtpengine", "udp", "20000-30000", "media with browsers", parties=_WORLD),
    Row("rtpengine", "udp", "22222", "Kamailio controls RTPengine", _APP),
    Row("asterisk", "udp", "5060", "SIP trunks", parties=_PROVIDERS),
    Row("asterisk", "udp", "40000-50000", "media with trunks", parties=_PROVIDERS),
    Row("asterisk", "udp", "5160", "Kamailio to Asterisk", _APP),
    Row("asterisk", "tcp", "5038", "manager", _APP, frozenset({Party.DIALER}), peer=True),
    Row("asterisk", "tcp", "7088", "Asterisk metrics", _APP, _MONITORING),
    Row("kamailio", "udp", "10060", "Asterisk to Kamailio", _VOICE, layouts=_ALONE),
    Row("kamailio", "udp", "5080", "Asterisk to Kamailio", _VOICE, layouts=_HA),
    Row("postgresql", "tcp", "5432", "SQL", _BOTH),
    Row("postgresql_pair", "tcp", "5432", "SQL and replication", _BOTH | _VOTERS),
    Row("witness", "tcp", "5432", "votes on who may write", _SQL),
    Row("redis", "tcp", "6379", "Redis", _BOTH, layouts=_ALONE),
    Row("redis", "tcp", "6379", "replication, Sentinels, HAProxy", _BOTH | _HAPROXY | _WITNESS, layouts=_HA),
    Row("sentinel", "tcp", "26379", "Sentinels and who asks them", _BOTH | _HAPROXY | _WITNESS),
    Row("keepalived_haproxy", "vrrp", "", "whose turn it is", peer=True),
    Row("keepalived_voice", "vrrp", "", "whose turn it is", peer=True),
    Row("keepalived_app", "vrrp", "", "whose turn it is", peer=True),
    Row("minio", "tcp", "9000", "S3", _BOTH),
    Row("postgres_exporter", "tcp", "9187", "PostgreSQL metrics", _APP, _MONITORING),
    Row("redis_exporter", "tcp", "9121", "Redis metrics", _APP, _MONITORING),
    Row("loki", "tcp", "3100", "logs", _BOTH, _MONITORING),
    Row("prometheus", "tcp", "9090", "metrics", parties=_MONITORING),
    Row("heplify", "tcp", "9096", "Homer metrics", _APP, _MONITORING),
    Row("homer", "tcp", "80", "Homer, for administrators", parties=frozenset({Party.CONTROLLERS})),
)
"""Everything that is open; a port that is not here is reached from the host itself only."""


def _party(tenant: Tenant, party: Party) -> Iterable[str]:
    if party is Party.WORLD:
        return ("0.0.0.0/0", "::/0")
    if party is Party.DIALER:
        return _address(tenant.variables.dialer_host)
    return tuple(str(network) for network in getattr(tenant.variables, party))


def _address(name: str | None) -> Iterable[str]:
    """Return an address as it is, and nothing for a name: rules are loaded before names can be resolved."""
    try:
        return (str(ip_address(name or "")),)
    except ValueError:
        return ()


def _hosts(tenant: Tenant, roles: frozenset[Role]) -> Iterable[str]:
    for host in tenant.hosts_of(*roles):
        yield host.lan
        yield from _address(host.address)


def _flow(tenant: Tenant, host: Host, row: Row) -> Flow | None:
    sources = {*_hosts(tenant, row.roles), *(each for party in row.parties for each in _party(tenant, party))}
    if row.peer:
        sources |= {other.lan for other in tenant.hosts_of(host.role) if other != host}
    if not sources:
        return None
    everybody = "0.0.0.0/0" in sources
    ports = row.ports.format_map(dict(tenant.variables))
    return Flow(row.protocol, ports, frozenset() if everybody else frozenset(sources), row.why)


def flows(tenant: Tenant, host: Host, components: Iterable[str]) -> tuple[Flow, ...]:
    """Return who may reach what on a host that runs these components; a row that nobody may use is left out."""
    running = frozenset(components)
    ssh = Row("", "tcp", str(host.port), "management", parties=frozenset({Party.CONTROLLERS}))
    rows = [ssh, *(row for row in MATRIX if row.component in running and tenant.layout in row.layouts)]
    return tuple(flow for row in rows if (flow := _flow(tenant, host, row)))


def _lines(flow: Flow) -> Iterable[str]:
    kind = f"{flow.protocol} dport {flow.ports}" if flow.ports else f"meta l4proto {NUMBERS[flow.protocol]}"
    tail = f'{kind} accept comment "{flow.why}"'
    if not flow.sources:
        yield tail
        return
    networks = [ip_network(source) for source in flow.sources]
    four = collapse_addresses(network for network in networks if isinstance(network, IPv4Network))
    six = collapse_addresses(network for network in networks if isinstance(network, IPv6Network))
    for family, chosen in (("ip", four), ("ip6", six)):
        # Collapsed, because nft refuses elements that overlap.
        elements = ", ".join(str(network).removesuffix("/32").removesuffix("/128") for network in chosen)
        if elements:
            yield f"{family} saddr {{ {elements} }} {tail}"


def chain(allowed: Iterable[Flow]) -> tuple[str, tuple[str, ...]]:
    """Return the rules that let flows in, and the name of the chain that holds exactly these."""
    lines = tuple(line for flow in allowed for line in _lines(flow))
    digest = sha256("\n".join(lines).encode()).hexdigest()[:16]
    return f"allowed_{digest}", lines


def ssh_from(tenant: Tenant) -> tuple[str, ...]:
    """Return the networks that will be let in to SSH; everybody where the firewall is not Cutover's."""
    return tuple(_party(tenant, Party.CONTROLLERS if managed(tenant) else Party.WORLD))


def managed(tenant: Tenant) -> bool:
    """Return whether Cutover looks after the firewall of the tenant's hosts."""
    return tenant.variables.firewall == "managed"


def files(allowed: Iterable[Flow]) -> tuple[File, ...]:
    """Return the rules, and what keeps the distributions' own firewalls off while they are there."""
    name, lines = chain(allowed)
    off = plain_file("rival.conf", rules=RULES)
    return (
        File(RULES, plain_file("firewall.nft", chain=name, lines=lines)),
        *(File(f"/etc/systemd/system/{rival}.service.d/cutover.conf", off) for rival in RIVALS),
    )


def service(tenant: Tenant, allowed: Iterable[Flow]) -> Service:
    """Return the unit that loads the rules; healthy when the chain with their digest is there."""
    name, _ = chain(allowed)
    content = plain_file(f"{UNIT}.service", tenant=tenant, rules=RULES, rivals=RIVALS)
    loaded = HostRuns(("/usr/sbin/nft", "list", "chain", "inet", "cutover", name), name)
    return Service(
        component=COMPONENT,
        unit=UNIT,
        container=None,
        image=None,
        unit_file=File(f"/etc/systemd/system/{UNIT}.service", content),
        inputs=(RULES,),
        gate=Gate((loaded,), 20.0),
    )
