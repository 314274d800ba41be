"""Host keys: shown to an operator and pinned by them, never learned by a flow."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import asyncssh

from cutover.hosts.connection import CONNECT_TIMEOUT, unreachable
from cutover.inventory import Host, Tenant


class Standing(StrEnum):
    """How an offered key stands to what is pinned for that host."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class OfferedKey:
    """The key a host offers now. `fingerprint` is its SHA-256, `line` what known_hosts would hold."""

    host: str
    address: str
    port: int
    algorithm: str
    fingerprint: str
    line: str
    standing: Standing


def _entry(host: Host) -> str:
    return host.address if host.port == 22 else f"[{host.address}]:{host.port}"


def pinned_fingerprints(known_hosts: Path, host: Host) -> frozenset[str]:
    """Return the fingerprints pinned for a host; none when the file does not exist."""
    if not known_hosts.is_file():
        return frozenset()
    keys, *_ = asyncssh.match_known_hosts(str(known_hosts), host.address, "", host.port)
    return frozenset(key.get_fingerprint() for key in keys)


async def _offered(host: Host, known_hosts: Path) -> OfferedKey:
    try:
        async with asyncio.timeout(2 * CONNECT_TIMEOUT):
            key = await asyncssh.get_server_host_key(host.address, host.port, config=None)
    except (asyncssh.Error, OSError, TimeoutError) as error:
        raise unreachable(host, str(error) or "no answer") from error
    if key is None:
        raise unreachable(host, "it offered no host key")
    public = key.export_public_key("openssh").decode().split()[:2]
    pinned = pinned_fingerprints(known_hosts, host)
    fingerprint = key.get_fingerprint()
    standing = Standing.SAME if fingerprint in pinned else Standing.CHANGED if pinned else Standing.NEW
    line = f"{_entry(host)} {' '.join(public)}"
    return OfferedKey(host.name, host.address, host.port, public[0], fingerprint, line, standing)


async def scan(tenant: Tenant) -> list[OfferedKey]:
    """Ask every host of a tenant for its key. Raises HostUnreachableError for the first that does not answer."""
    return list(await asyncio.gather(*(_offered(host, tenant.known_hosts) for host in tenant.hosts)))


def record(tenant: Tenant, keys: Iterable[OfferedKey]) -> Path:
    """Pin these keys in the tenant's folder, in place of what was pinned for the same hosts; return the file."""
    keys = tuple(keys)
    replaced = {key.line.split()[0] for key in keys}
    path = tenant.known_hosts
    kept = path.read_text().splitlines() if path.is_file() else []
    lines = [line for line in kept if line.split(maxsplit=1)[:1] not in [[entry] for entry in replaced]]
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text("".join(f"{line}\n" for line in (*lines, *(key.line for key in keys))))
    with fresh.open() as written:
        os.fsync(written.fileno())
    fresh.replace(path)
    return path
