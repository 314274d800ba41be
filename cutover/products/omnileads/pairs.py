"""Which hosts of an HA tenant stand in for each other, and the virtual IPs that move between them."""

from __future__ import annotations

from cutover.inventory import Host, Layout, Role, Tenant
from cutover.plan.desired import Pair

ADDRESSES = {
    Role.SQL: ("postgres_host", "postgres_ro_host"),
    Role.VOICE: ("voice_host",),
    Role.APP: (),
    Role.HAPROXY: ("application_host",),
}
"""The variables that name a pair's virtual IPs."""


def pairs(tenant: Tenant) -> tuple[Pair, ...]:
    """Return the pairs of a tenant; none where it is not HA."""
    if tenant.layout is not Layout.HA:
        return ()
    return tuple(_pair(tenant, role) for role in ADDRESSES)


def _pair(tenant: Tenant, role: Role) -> Pair:
    main, backup = sorted(tenant.hosts_of(role), key=lambda host: host.ha_role != "main")
    return Pair(main.name, backup.name, tuple(str(getattr(tenant.variables, name)) for name in ADDRESSES[role]))


def behind(tenant: Tenant, address: str) -> tuple[Host, ...]:
    """Return the hosts between which a virtual IP moves; none for any other address."""
    if tenant.layout is not Layout.HA:
        return ()
    roles = (role for role, names in ADDRESSES.items() for name in names if getattr(tenant.variables, name) == address)
    return tenant.hosts_of(*roles)
