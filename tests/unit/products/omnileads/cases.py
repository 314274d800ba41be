"""Tenants of every layout, and what the catalogue makes of them."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from cutover.inventory import Tenant, load
from cutover.plan.desired import DesiredState, File, Image, Service
from cutover.plan.observed import OperatingSystem
from cutover.products.omnileads import desired, images, typical_systems
from cutover.products.omnileads.catalogue import placed
from cutover.products.omnileads.site import Site
from cutover.products.omnileads.unit import env_files

CASES = Path(__file__).parent / "cases"
INSTALLABLE = ("aio", "ait", "cloud-url", "cloud-aws", "enterprise", "ha")
ALONE = tuple(case for case in INSTALLABLE if case != "ha")
"""Those without pairs of hosts."""
DEBIAN = OperatingSystem("debian", "12", "debian")


@cache
def tenant(case: str) -> Tenant:
    return load(case, CASES)


def digests(of: Tenant) -> dict[Image, str]:
    return {image: "sha256:" + sha256(str(image).encode()).hexdigest() for image in images(of)}


@cache
def state(case: str) -> DesiredState:
    return desired(tenant(case), digests(tenant(case)), typical_systems(tenant(case)))


def parsed(content: bytes) -> dict[str, str]:
    """Read an env file as podman does: literally."""
    lines = [line for line in content.decode().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def environment(case: str, name: str, host: str = "") -> dict[str, str]:
    """Return the variables of an env file, on the given host or on the only one that has it."""
    of = tenant(case)
    found = [
        file
        for each in of.hosts
        if host in ("", each.name)
        for component in placed(of, each)
        for file in env_files(component, Site(of, each, DEBIAN, "1.26.0", "2023-03-30"))
        if file.path == f"/etc/default/{name}"
    ]
    return parsed(found[0].content)


def all_files(case: str) -> list[tuple[str, File]]:
    found = []
    for name, host in state(case).hosts.items():
        found += [(name, file) for file in (*host.files, *(service.unit_file for service in host.services))]
    return found


def services(case: str) -> list[Service]:
    return [service for host in state(case).hosts.values() for service in host.services]


def service(case: str, component: str) -> Service:
    return next(each for each in services(case) if each.component == component)
