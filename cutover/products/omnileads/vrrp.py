"""What tells the VRRP of one tenant and pair from every other on a network (W40)."""

from __future__ import annotations

from hashlib import sha256

from cutover.inventory import Role, Tenant
from cutover.secret import Secret

PAIRS = (Role.VOICE, Role.HAPROXY, Role.APP)
"""Roles whose hosts speak VRRP."""

_BLOCKS = 255 // len(PAIRS)


def router_id(tenant: str, role: Role) -> int:
    """
    Return the virtual router's number (1 to 255) of a tenant's pair, made from the tenant's name.

    A tenant's three are neighbours, and those of two tenants are all the same or all different. Where they are the
    same, addresses (VRRP is unicast) and passwords still differ.
    """
    block = int.from_bytes(sha256(tenant.encode()).digest()[:8], "big") % _BLOCKS
    return 1 + block * len(PAIRS) + PAIRS.index(role)


def password(tenant: Tenant) -> Secret:
    """Return the password of a tenant's VRRP; the protocol takes eight letters."""
    return Secret(tenant.variables.ami_password.derived(f"VRRP of {tenant.name}").reveal()[:8])
