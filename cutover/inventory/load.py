"""From a tenant's folder to a `Tenant`."""

from __future__ import annotations

import os
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from cutover.inventory.tenant import Host, Layout, Role, Tenant
from cutover.inventory.variables import HostVariables, Variables
from cutover.secret import Secret

TENANTS = Path(os.environ.get("CUTOVER_TENANTS", "tenants"))
"""The folder of tenants: `$CUTOVER_TENANTS`, else `tenants` where Cutover is started."""

_FLAGS = {
    "omlaio": Role.AIO,
    "omldata": Role.DATA,
    "omlvoice": Role.VOICE,
    "omlapp": Role.APP,
    "omlhaproxy": Role.HAPROXY,
    "postgres_host_ha": Role.SQL,
}


def names(folder: Path = TENANTS) -> tuple[str, ...]:
    """Return the names of the tenants in a folder, sorted."""
    return tuple(sorted(path.parent.name for path in folder.glob("*/inventory.yml")))


def load_all(folder: Path = TENANTS) -> tuple[Tenant, ...]:
    """Load every tenant of a folder."""
    return tuple(load(name, folder) for name in names(folder))


def load(name: str, folder: Path = TENANTS, secret_block: Callable[[str], str] | None = None) -> Tenant:
    """Return the tenant of that name."""
    document = yaml.load((folder / name / "inventory.yml").read_text(), yaml.CBaseLoader)  # noqa: S506
    hosts: dict[str, dict[str, Any]] = {}
    given: dict[str, Any] = {}
    _group(document["all"], {}, hosts, given)
    for key, value in given.items():
        if isinstance(value, dict):
            given[key] = Secret(os.environ[value["env"]])
    made = tuple(_host(each, values) for each, values in hosts.items())
    layout = {1: Layout.AIO, 3: Layout.AIT, 8: Layout.HA}[len(made)]
    return Tenant(name, folder / name, layout, made, Variables(**given))


def _group(
    group: dict[str, Any], inherited: dict[str, Any], hosts: dict[str, Any], given: dict[str, Any]
) -> None:
    own = dict(inherited)
    for key, value in group.get("vars", {}).items():
        (own if key in HostVariables.model_fields or key == "ansible_ssh_port" else given)[key] = value
    for name, values in group.get("hosts", {}).items():
        hosts[name] = own | values
    for child in group.get("children", {}).values():
        _group(child, own, hosts, given)


def _host(name: str, values: dict[str, Any]) -> Host:
    if "ansible_ssh_port" in values:
        values["ansible_port"] = values.pop("ansible_ssh_port")
    read = HostVariables(**values)
    role = next(role for flag, role in _FLAGS.items() if getattr(read, flag))
    return Host(
        name,
        role,
        read.ansible_host,
        read.ansible_port,
        read.ansible_user,
        read.omni_ip_lan,
        read.omni_ip_wan or _public(read),
        read.ha_rol,
        read.ha_vip_nic,
    )


def _public(read: HostVariables) -> str:
    try:
        return str(ip_address(read.ansible_host))
    except ValueError:
        return read.omni_ip_lan
