"""Names for several components at once: the partial actions of the old tool (omldeploytool, `--action`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

PARTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "app": frozenset({"kamailio", "websockets", "daphne", "django", "cron", "nginx", "pstn", "sentinel"}),
        "voice": frozenset({"rtpengine", "asterisk", "homer", "heplify"}),
        "keepalived": frozenset({"keepalived_haproxy", "keepalived_voice", "keepalived_app"}),
        "postgres": frozenset({"postgresql", "postgresql_pair"}),
        "observability": frozenset(
            {"loki", "promtail", "homer", "prometheus", "node_exporter", "postgres_exporter", "redis_exporter"}
        ),
    }
)


def named(names: Iterable[str], there: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return which of the components that are `there` are meant, and the names that mean none of them."""
    meant = {name: PARTS.get(name, frozenset({name})) & there for name in names}
    found = frozenset(component for components in meant.values() for component in components)
    return found, tuple(name for name, components in meant.items() if not components)
