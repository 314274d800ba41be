"""What Redis and the Sentinels of an HA tenant have in common: how they learn which Redis is the main one."""

from __future__ import annotations

from pathlib import Path

from cutover.plan.desired import File, Image
from cutover.products.omnileads.components.programs import redis_main
from cutover.products.omnileads.releases import fixed
from cutover.products.omnileads.site import PROGRAMS, Site

PROGRAM = f"{PROGRAMS}/redis-main"
ROLES = "/run/cutover-%N.env"
"""Written before each start; `%N` is the unit's name."""


def paired(image: Image, own: str) -> Image:
    """Return an image as it is when it is of the name `own`, else that one of the HA era."""
    return image if image.name == own else Image(own, fixed("redis_pair"))


def program() -> File:
    """Return the program that asks the Sentinels."""
    return File(PROGRAM, Path(redis_main.__file__).read_bytes(), 0o755)


def ask_who_is_main(site: Site) -> str:
    """Return the command, for a unit file, that asks the Sentinels before a start (W37)."""
    initial, known = site.addresses.redis_ip_main, ",".join(site.sentinels)
    return f"/usr/bin/python3 {PROGRAM} {ROLES} {site.host.lan} {initial} {known}"
