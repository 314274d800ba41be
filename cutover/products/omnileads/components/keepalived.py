"""keepalived."""

from __future__ import annotations

from cutover.inventory import Role
from cutover.products.omnileads.sheet import Component, placement


class Keepalived(Component):
    """Moves the virtual IPs of the voice, app and haproxy pairs (VRRP). A package of the distribution."""

    name = "keepalived"
    unit = "keepalived"
    container = None
    where = placement(ha={Role.VOICE, Role.APP, Role.HAPROXY})
