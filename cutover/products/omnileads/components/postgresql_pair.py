"""PostgreSQL of an HA tenant."""

from __future__ import annotations

from cutover.inventory import Layout, Role
from cutover.products.omnileads.sheet import Component, Port


class PostgresqlPair(Component):
    """PostgreSQL 11 with a standby that repmgr promotes. Packages of the distribution, no container."""

    name = "postgresql_pair"
    unit = "postgresql-11"
    container = None
    roles = frozenset({Role.SQL})
    layouts = frozenset({Layout.HA})
    ports = (Port(5432, "SQL"),)
