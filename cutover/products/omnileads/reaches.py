"""Whom a host must be able to reach, from what runs on it. Only TCP can be tried before anything is installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from cutover.inventory import Layout, Role
from cutover.plan.desired import Reach
from cutover.products.omnileads.pairs import behind
from cutover.products.omnileads.site import Site

_WEB = ("PostgreSQL", "Redis", "bucket", "Asterisk's manager")
NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "asterisk": ("PostgreSQL", "Redis", "bucket", "web"),
        "kamailio": ("Redis",),
        "websockets": ("Redis",),
        "django": _WEB,
        "daphne": _WEB,
        "cron": _WEB,
        "nginx": ("bucket",),
        "prometheus": ("host metrics",),
        "promtail": ("Loki",),
        "heplify": ("PostgreSQL",),
        "homer": ("PostgreSQL",),
        "haproxy": ("web nodes", "both Redis"),
        "redis": ("both Redis", "Sentinels"),
        "sentinel": ("both Redis", "Sentinels"),
    }
)
"""What each component connects to."""


def _bucket(site: Site) -> tuple[str, int]:
    parts = urlsplit(site.bucket_internal)
    return str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)


def _addresses(site: Site, need: str) -> Iterable[tuple[str | None, int]]:
    at = site.addresses
    match need:
        case "PostgreSQL":
            yield at.postgres_host, site.variables.postgres_port
        case "Redis":
            yield at.redis_host, 6379
        case "bucket":
            yield _bucket(site)
        case "Asterisk's manager":
            yield at.asterisk_host, 5038
        case "web":
            yield at.nginx_host, 443
        case "Loki":
            yield at.loki_host, 3100
        case "web nodes" if site.ha:
            yield from ((host.lan, 443) for host in site.tenant.hosts_of(Role.APP))
        case "both Redis" if site.ha:
            yield from ((host.lan, 6379) for host in site.tenant.hosts_of(Role.APP))
        case "Sentinels" if site.ha:
            yield from ((address, 26379) for address in site.sentinels)
        case "host metrics":
            yield from ((host.lan, 9100) for host in site.tenant.hosts)


def _now(site: Site, address: str) -> Iterable[str]:
    """Return whom to try for an address: a virtual IP is nobody's yet, so the hosts between which it will move."""
    return [host.lan for host in behind(site.tenant, address)] or [address]


def reaches(site: Site, components: Iterable[str]) -> tuple[Reach, ...]:
    """Return the addresses, other than the host's own, that components on a host connect to."""
    own = {"localhost", "127.0.0.1", site.host.lan, site.host.wan, site.host.address}
    if site.tenant.layout is Layout.AIO:
        own |= {site.addresses.voice_host, site.addresses.application_host}
    needs = dict.fromkeys(need for component in components for need in NEEDS.get(component, ()))
    found = {
        (address, port): need
        for need in needs
        for named, port in _addresses(site, need)
        if named
        for address in _now(site, named)
    }
    return tuple(Reach(address, port, need) for (address, port), need in found.items() if address not in own)
