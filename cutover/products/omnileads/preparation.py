"""What a host needs before any component: packages and directories."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from cutover.errors import CutoverError, Finding
from cutover.inventory import Host, Layout, Role, Tenant
from cutover.plan.desired import Directory
from cutover.plan.observed import OperatingSystem
from cutover.products.omnileads import pair
from cutover.products.omnileads.components.homer import BOOTSTRAP
from cutover.products.omnileads.site import CERTIFICATES, CUSTOM, PROGRAMS, USER
from cutover.products.omnileads.vrrp import PAIRS

BACKUP_TOOLS = ("python3", "tar", "zstd")
"""What a backup or restore runs on a host; each is a command and a package of that name everywhere."""

_EVERYWHERE = ("ca-certificates", "curl", "jq", "nftables", "openssl", "podman", "tzdata", *BACKUP_TOOLS)
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

VIRTUAL_ADDRESSES = ("keepalived",)
"""What moves a virtual IP or a turn between the hosts of a pair; a package of that name everywhere."""

ENCRYPTION: Mapping[tuple[str, str], str] = MappingProxyType(
    {("debian", "12"): "age", ("ubuntu", "22.04"): "age", ("ubuntu", "24.04"): "age"}
)
"""The package of the command `age`, by os-release's ID and version, where the distribution itself has one."""

MIB = 1 << 20
SMALLEST: Mapping[Role, tuple[int, int]] = MappingProxyType(
    {
        Role.AIO: (5120 * MIB, 1536 * MIB),
        Role.DATA: (4096 * MIB, 768 * MIB),
        Role.VOICE: (3072 * MIB, 768 * MIB),
        Role.APP: (4096 * MIB, 1024 * MIB),
        Role.HAPROXY: (3072 * MIB, 384 * MIB),
        Role.SQL: (4096 * MIB, 768 * MIB),
        Role.WITNESS: (2048 * MIB, 256 * MIB),
    }
)
"""Free disk and memory (bytes) by role, below which an installation is sure to fail; not a recommended size."""


def every_package() -> tuple[str, ...]:
    """Return the name of every package of every operating system, for a host of which nothing is known yet."""
    databases = (pair.packages(version, data=True) for version in pair.VERSIONS.values())
    every = (*PACKAGES.values(), *VOICE_TOOLS.values(), VIRTUAL_ADDRESSES, *databases)
    return tuple(sorted({name for names in every for name in names}))


def typical_systems(tenant: Tenant) -> dict[str, OperatingSystem]:
    """Return an operating system for every host, for an outline of the tenant before its hosts were looked at."""
    return dict.fromkeys((host.name for host in tenant.hosts), OperatingSystem("debian", "12", "debian"))


def _release(system: OperatingSystem) -> tuple[str, str]:
    return system.id, system.version if system.id == "ubuntu" else system.version.partition(".")[0]


def supported(system: OperatingSystem) -> tuple[str, ...] | None:
    """Return the packages of an operating system, None when it is not supported."""
    return PACKAGES.get(_release(system))


def missing_tools(host: str, system: OperatingSystem, present: Collection[str], *, encrypted: bool) -> tuple[str, ...]:
    """
    Return the packages that a backup or restore still needs on a host, given the commands `present` there.

    Raises CutoverError when the backup is `encrypted`, and `age` is neither there nor a package of the system.
    """
    missing = [tool for tool in BACKUP_TOOLS if tool not in present]
    if encrypted and "age" not in present:
        package = ENCRYPTION.get(_release(system))
        if package is None:
            raise CutoverError(
                Finding(
                    "CUT-432",
                    "the program age is missing, and this operating system has no package of it",
                    host,
                    f"backup_recipient asks for encrypted backups; {system.id} {system.version} does not bring age",
                    "put age 1.0 or newer into /usr/local/bin there (EPEL and Debian's backports have it), or take "
                    "backup_recipient out of the inventory",
                )
            )
        missing.append(package)
    return tuple(missing)


def packages(tenant: Tenant, host: Host, system: OperatingSystem) -> tuple[str, ...]:
    """Return the packages a host needs; raises CutoverError when its operating system is not supported."""
    found = supported(system)
    if found is None:
        known = ", ".join(f"{name} {version}" for name, version in PACKAGES)
        what = f"operating system {system.id or 'unknown'} {system.version} is not supported".replace("  ", " ")
        raise CutoverError(Finding("CUT-430", what, host.name, todo=f"use one of: {known}"))
    tools = VOICE_TOOLS.get(system.id, ()) if host.role in {Role.AIO, Role.VOICE} else ()
    if tenant.layout is Layout.HA and host.role in PAIRS:
        tools += VIRTUAL_ADDRESSES
    if pair.votes(host, tenant):
        tools += pair.packages(pair.version(host.name, system), data=host.role is Role.SQL)
    return tuple(sorted((*found, *tools)))


def directories(tenant: Tenant, host: Host) -> tuple[Directory, ...]:
    """Return the directories of a host, parents first."""
    made = [Directory("/etc/cutover"), Directory("/etc/omnileads"), Directory("/opt/omnileads", 0o755, USER, USER)]
    if tenant.layout is Layout.HA:
        made.append(Directory(PROGRAMS))
    if host.role in {Role.AIO, Role.APP}:
        made.append(Directory(CERTIFICATES))
    if host.role in {Role.AIO, Role.VOICE}:
        made.append(Directory(CUSTOM, 0o755, USER, USER))
    if host.role is Role.VOICE and tenant.layout is not Layout.HA:
        made.append(Directory(BOOTSTRAP))
    if pair.votes(host, tenant):
        made.append(Directory(pair.FOLDER))
    return tuple(made)
