"""From a tenant's folder to a `Tenant`. Nothing is contacted."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from cutover.errors import CutoverError, Finding
from cutover.inventory.addresses import check_addresses, shared
from cutover.inventory.backups import check_backups
from cutover.inventory.codes import Code
from cutover.inventory.document import Item, read
from cutover.inventory.facts import HOST, TENANT
from cutover.inventory.groups import Written, read_groups
from cutover.inventory.kinds import is_address
from cutover.inventory.layouts import FLAGS, check_hosts, layout_of
from cutover.inventory.needs import check_needs, settle
from cutover.inventory.references import References, SecretBlock
from cutover.inventory.report import Report
from cutover.inventory.tenant import Host, Layout, Role, Tenant
from cutover.inventory.values import Given, Reader, validated
from cutover.inventory.variables import HostVariables, Variables


def tenants_folder() -> Path:
    """Return the folder of tenants: `$CUTOVER_TENANTS`, else `tenants` where Cutover is started."""
    return Path(os.environ.get("CUTOVER_TENANTS", "tenants"))


FILE = "inventory.yml"

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


def names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the tenants in a folder, sorted: every folder in it that holds an inventory."""
    folder = folder or tenants_folder()
    try:
        entries = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    except FileNotFoundError:
        return ()
    return tuple(name for name in entries if (folder / name / FILE).is_file())


def load(name: str, folder: Path | None = None, secret_block: SecretBlock | None = None) -> Tenant:
    """
    Return the tenant of that name in a folder, by default the one of `tenants_folder`.

    References to the environment and to files are resolved here; those to a Prefect Secret block by `secret_block`,
    which is given the block's name and returns its value.

    Raises CutoverError with everything that is wrong, warnings included.
    """
    folder = folder or tenants_folder()
    if not _SAFE_NAME.fullmatch(name) or ".." in name:
        why = "a name has letters, digits, dots, dashes and underscores, begins with a letter or digit, at most 63"
        raise CutoverError(Finding(str(Code.NAME), f"no tenant can be named {name!r}", str(folder), why, "rename it"))
    report = Report(str(folder / name / FILE))
    tenant = _tenant(name, folder / name, secret_block, report)
    if tenant is None or report.failed:
        raise CutoverError(report.findings)
    return tenant


def load_all(folder: Path | None = None, secret_block: SecretBlock | None = None) -> tuple[Tenant, ...]:
    """
    Return every tenant of a folder; a tenant that shares an address with another says so in its warnings.

    Raises CutoverError with everything that is wrong with any of them.
    """
    tenants: list[Tenant] = []
    findings: list[Finding] = []
    for name in names(folder):
        try:
            tenants.append(load(name, folder, secret_block))
        except CutoverError as error:
            findings += error.findings
    if findings:
        raise CutoverError(findings)
    return tuple(_warned(tenants))


def _warned(tenants: list[Tenant]) -> Iterator[Tenant]:
    """Yield the tenants, those with shared addresses with a warning more."""
    found: dict[str, list[Finding]] = {}
    for finding in shared(tenants):
        found.setdefault(finding.where, []).append(finding)
    for tenant in tenants:
        more = found.get(str(tenant.folder / FILE), ())
        yield tenant if not more else tenant.with_warnings(more)


def _tenant(name: str, folder: Path, secret_block: SecretBlock | None, report: Report) -> Tenant | None:
    text = _text(folder / FILE, report)
    document = None if text is None else read(text, report)
    if text is None or (document is None and report.failed):
        return None
    written = read_groups(document, report)
    reader = Reader(report, References(folder, secret_block, report), _variables(written))
    hosts = {each: reader.given(entry.variables, HOST) for each, entry in written.hosts.items()}
    given = reader.given(written.tenant, TENANT)
    layout = layout_of(hosts)
    check_hosts(layout, hosts, written.hosts, report)
    settle(layout, given, hosts, report)
    check_needs(layout, given, written, hosts, report)
    check_backups(given, report)
    made = {each: validated(HostVariables, values, HOST, report) for each, values in hosts.items()}
    variables = validated(Variables, given, TENANT, report)
    check_addresses(layout, given, hosts, written, report)
    _check_certificate(given, folder, report)
    if report.failed:
        return None
    ready = tuple(_host(each, layout, values) for each, values in made.items())
    return Tenant(name, folder, layout, ready, variables, report.findings)


def _text(file: Path, report: Report) -> str | None:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        report.error(Code.FILE, None, "the inventory is not UTF-8", "", "store it as UTF-8")
    except OSError as error:
        report.error(Code.FILE, None, "the inventory cannot be read", error.strerror or "", "see `cutover tenants`")
    return None


def _variables(written: Written) -> dict[str, dict[str, Item]]:
    return {name: entry.variables for name, entry in written.hosts.items()}


def _check_certificate(given: Given, folder: Path, report: Report) -> None:
    if given.text("certs") == "custom":
        from cutover.inventory.certificates import check_certificate  # noqa: PLC0415 - slow, and rarely needed

        check_certificate(folder, given.items["certs"].value.mark, report)


def _host(name: str, layout: Layout, values: HostVariables) -> Host:
    role: Role = next(role for flag, role in FLAGS.items() if getattr(values, flag))
    return Host(
        name=name,
        role=role,
        address=values.ansible_host,
        port=values.ansible_port,
        user=values.ansible_user,
        lan=values.omni_ip_lan,
        wan=values.omni_ip_wan or _public(values),
        ha_role=values.ha_rol if layout is Layout.HA else None,
        nic=values.ha_vip_nic,
    )


def _public(values: HostVariables) -> str:
    return values.ansible_host if is_address(values.ansible_host) else values.omni_ip_lan
