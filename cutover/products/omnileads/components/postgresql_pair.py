"""PostgreSQL of an HA tenant."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.products.omnileads.sheet import Component, Port, placement


class PostgresqlPair(Component):
    """PostgreSQL 11 with a standby that repmgr promotes. Packages of the distribution, no container."""

    name = "postgresql_pair"
    unit = "postgresql-11"
    container = None
    where = placement(ha={Role.SQL})
    ports = (Port(5432, "SQL"),)
