"""What hosts need before they can read a backup: a way to where it lies, and the programs that unpack it."""

from __future__ import annotations

from collections.abc import Mapping

from cutover.errors import CutoverError, Finding
from cutover.plan.diff import HostPlan
from cutover.plan.observed import ObservedHost
from cutover.products.omnileads.preparation import missing_tools
from cutover.storage.place import Place
from tasks.backup_preflight import reaches_of, readiness
from tasks.every import every
from tasks.hosts import prepare

Lacking = Mapping[str, tuple[str, ...]]
"""Packages by the host that lacks them."""


async def look_at_readers(
    place: Place, hosts: Mapping[str, ObservedHost], todo: str, *, encrypted: bool
) -> tuple[Lacking, tuple[Finding, ...]]:
    """
    Ask hosts whether they reach a place and have the programs to read a backup from there.

    Returns the packages they lack, and what speaks against a host; `todo` is what helps where the way is barred.
    """
    reaches = tuple(reaches_of(place))
    asked = await every(hosts, lambda host: readiness(host, {}, reaches))
    lacking: dict[str, tuple[str, ...]] = {}
    findings: list[Finding] = []
    for host, ready in asked.items():
        barred = [(f"cannot reach {each.address}:{each.port} ({each.why})", why) for each, why in ready.blocked]
        findings += [Finding("CUT-306", what, host, why, todo) for what, why in barred]
        try:
            packages = missing_tools(host, hosts[host].os, ready.commands, encrypted=encrypted)
        except CutoverError as error:
            findings += error.findings
        else:
            lacking |= {host: packages} if packages else {}
    return lacking, tuple(findings)


async def equip(lacking: Lacking) -> None:
    """Install what hosts lack."""
    await every(lacking, lambda host: prepare(host, HostPlan(host, packages=lacking[host])))
