"""
What must stand still while a database, Redis' data and Asterisk's files are exchanged, and in which order.

A component stops before what it needs: first what people and telephones talk to, Redis last. They start again the
other way round, as an installation starts them. PostgreSQL and MinIO stay up. What others start, such as cron in HA, is
stopped behind them and left to them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from types import MappingProxyType

from cutover.plan.desired import DesiredState, Service

WRITERS: Mapping[str, str] = MappingProxyType(
    {
        "redis": "its own data, exchanged as a folder",
        "asterisk": "queue_log; reads its custom files",
        "kamailio": "locations in Redis, calls to Asterisk",
        "websockets": "Redis",
        "django": "the database and Redis",
        "daphne": "the database and Redis",
        "cron": "the database and the bucket",
        "redis2postgres": "survey answers in the database",
        "nginx": "nothing, but lets requests in",
        "keepalived_app": "nothing, but starts cron on either host",
        "keepalived_voice": "nothing, but leads telephones to a host whose Asterisk answers",
    }
)
"""Components that are stopped, and what they write."""

OTHERS: Mapping[str, str] = MappingProxyType(
    {
        "minio": "the bucket is only added to",
        "postgresql": "does the exchange",
        "postgresql_pair": "does the exchange",
        "postgres_exporter": "reads",
        "redis_exporter": "reads",
        "witness": "has no data of the tenant",
        "repmgrd": "watches",
        "sentinel": "Redis' own watch",
        "rtpengine": "media only",
        "haproxy": "forwards",
        "keepalived_haproxy": "addresses",
        "node_exporter": "reads",
        "prometheus": "metrics only",
        "loki": "logs only",
        "promtail": "logs only",
        "heplify": "database homer7 only",
        "homer": "database homer7 only",
        "pstn": "is never started",
        "firewall": "lets nobody else in",
    }
)
"""Components that go on, and why they may."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One writer on one host."""

    host: str
    service: Service


def writers(desired: DesiredState) -> tuple[Placed, ...]:
    """Return every writer that Cutover starts on a tenant's hosts, in the order in which they start."""
    waves = reversed(stop_waves(desired))
    return tuple(placed for wave in waves for placed in wave if placed.service.started)


def stop_waves(desired: DesiredState) -> tuple[tuple[Placed, ...], ...]:
    """
    Return the writers in the order in which they stop: those of one wave at the same time, on all hosts.

    What others start is among them, on every host where it may run.
    """
    found: dict[str, list[Placed]] = {}
    for host, state in desired.hosts.items():
        for service in state.services:
            if service.component in WRITERS:
                found.setdefault(service.component, []).append(Placed(host, service))
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, places in found.items():
        sorter.add(name)
        for needed in _needed(places) & found.keys():
            sorter.add(needed, name)
    sorter.prepare()
    waves = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        waves.append(tuple(placed for name in ready for placed in found[name]))
        sorter.done(*ready)
    return tuple(waves)


def _needed(places: Iterable[Placed]) -> frozenset[str]:
    return frozenset(name for placed in places for name in placed.service.after)


def units(desired: DesiredState, host: str) -> tuple[str, ...]:
    """Return the units of one host's writers in the order in which they start."""
    return tuple(placed.service.unit for placed in writers(desired) if placed.host == host)
