"""What a host needs before any component: packages and directories."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cutover.errors import CutoverError, Finding
from cutover.inventory import Host, Role, Tenant
from cutover.plan.desired import Directory
from cutover.plan.observed import OperatingSystem
from cutover.products.omnileads.components.homer import BOOTSTRAP
from cutover.products.omnileads.site import CERTIFICATES, CUSTOM, USER

_EVERYWHERE = ("ca-certificates", "curl", "jq", "nftables", "openssl", "podman", "tar", "tzdata")
_DEBIAN = (*_EVERYWHERE, "iproute2", "procps")
_REDHAT = (*_EVERYWHERE, "container-selinux", "iproute", "procps-ng", "rsyslog")

PACKAGES: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("debian", "11"): _DEBIAN,
        ("debian", "12"): _DEBIAN,
        ("ubuntu", "22.04"): _DEBIAN,
        ("ubuntu", "24.04"): _DEBIAN,
        ("rocky", "8"): _REDHAT,
        ("rocky", "9"): _REDHAT,
        ("almalinux", "8"): _REDHAT,
        ("almalinux", "9"): _REDHAT,
    }
)
"""What the flows use on a host, by os-release's ID and version; from the distribution's own repositories (W30)."""

VOICE_TOOLS: Mapping[str, tuple[str, ...]] = MappingProxyType({"debian": ("sngrep",), "ubuntu": ("sngrep",)})
"""What operators use on hosts with Asterisk, by ID, where the distribution itself has it."""

MIB = 1 << 20
SMALLEST: Mapping[Role, tuple[int, int]] = MappingProxyType(
    {
        Role.AIO: (5120 * MIB, 1536 * MIB),
        Role.DATA: (4096 * MIB, 768 * MIB),
        Role.VOICE: (3072 * MIB, 768 * MIB),
        Role.APP: (4096 * MIB, 1024 * MIB),
    }
)
"""Free disk and memory (bytes) by role, below which an installation is sure to fail; not a recommended size."""


def every_package() -> tuple[str, ...]:
    """Return the name of every package of every operating system, for a host of which nothing is known yet."""
    return tuple(sorted({name for names in (*PACKAGES.values(), *VOICE_TOOLS.values()) for name in names}))


def typical_systems(tenant: Tenant) -> dict[str, OperatingSystem]:
    """Return an operating system for every host, for an outline of the tenant before its hosts were looked at."""
    return dict.fromkeys((host.name for host in tenant.hosts), OperatingSystem("debian", "12", "debian"))


def supported(system: OperatingSystem) -> tuple[str, ...] | None:
    """Return the packages of an operating system, None when it is not supported."""
    version = system.version if system.id == "ubuntu" else system.version.partition(".")[0]
    return PACKAGES.get((system.id, version))


def packages(host: Host, system: OperatingSystem) -> tuple[str, ...]:
    """Return the packages a host needs; raises CutoverError when its operating system is not supported."""
    found = supported(system)
    if found is None:
        known = ", ".join(f"{name} {version}" for name, version in PACKAGES)
        what = f"operating system {system.id or 'unknown'} {system.version} is not supported".replace("  ", " ")
        raise CutoverError(Finding("CUT-430", what, host.name, todo=f"use one of: {known}"))
    tools = VOICE_TOOLS.get(system.id, ()) if host.role in {Role.AIO, Role.VOICE} else ()
    return tuple(sorted((*found, *tools)))


def directories(host: Host) -> tuple[Directory, ...]:
    """Return the directories of a host, parents first."""
    made = [Directory("/etc/cutover"), Directory("/etc/omnileads"), Directory("/opt/omnileads", 0o755, USER, USER)]
    if host.role in {Role.AIO, Role.APP, Role.HAPROXY}:
        made.append(Directory(CERTIFICATES))
    if host.role in {Role.AIO, Role.VOICE}:
        made.append(Directory(CUSTOM, 0o755, USER, USER))
    if host.role is Role.VOICE:
        made.append(Directory(BOOTSTRAP))
    return tuple(made)
