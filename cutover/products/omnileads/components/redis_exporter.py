"""Redis's metrics."""

from __future__ import annotations

from cutover.plan.probe import HostRuns, Probe
from cutover.products.omnileads.components.redis import Redis
from cutover.products.omnileads.sheet import Component, Port, Repository
from cutover.products.omnileads.site import Site


class RedisExporter(Component):
    """Metrics of Redis, which it asks at the address Redis listens on."""

    name = "redis_exporter"
    unit = "prometheus_redis"
    container = "oml-prometheus-redis"
    repository = Repository("docker.io/oliver006/redis_exporter", "exporter")
    where = Redis.where
    ports = (Port(9121, "metrics"),)
    env = "prometheus_redis.env"
    after = frozenset({"redis"})

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Metrics are not enough: the exporter must have reached Redis."""
        return (HostRuns(("curl", "--silent", "--max-time", "5", "http://127.0.0.1:9121/metrics"), "\nredis_up 1\n"),)
