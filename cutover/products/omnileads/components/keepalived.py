"""keepalived."""

from __future__ import annotations

from cutover.inventory import Layout, Role
from cutover.products.omnileads.sheet import Component


class Keepalived(Component):
    """Moves the virtual IPs of the voice, app and haproxy pairs (VRRP). A package of the distribution."""

    name = "keepalived"
    unit = "keepalived"
    container = None
    roles = frozenset({Role.VOICE, Role.APP, Role.HAPROXY})
    layouts = frozenset({Layout.HA})
