"""
The files of an installed host written anew, while it is off, for a tenant of another name at other addresses.

A kept tenant's database, bucket and images stay; what Cutover itself writes on a host is what it would write for this
tenant, so that installing it again has nothing to do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from cutover.hosts.converge import RECORD
from cutover.hosts.facts import parse_record
from cutover.inventory import Tenant
from cutover.plan.desired import File
from cutover.plan.diff import HostPlan, diff
from cutover.plan.observed import Record
from cutover.products.omnileads import desired, images, typical_systems
from tests.lab.host import Host
from tests.unit.plan.example import BARE

ENABLED = "etc/systemd/system/default.target.wants"


def write(tenant: Tenant, hosts: Sequence[Host], only: Collection[str] | None) -> None:
    """
    Write the files of a tenant on its hosts, which are off, in the order of the inventory.

    With `only`, no other component starts with its host.
    """
    roots = {each.name: _mounted(host) for each, host in zip(tenant.hosts, hosts, strict=True)}
    try:
        records = {name: parse_record((root / RECORD[1:]).read_bytes()) for name, root in roots.items()}
        for name, plan in _plans(tenant, records).items():
            _write(roots[name], plan, records[name])
            if only is not None:
                _start_only(roots[name], only)
    finally:
        for host in hosts:
            host.disk.unmount()


def _mounted(host: Host) -> Path:
    return host.disk.mount([Path(lower) for lower in host.shape.lowers])


def _plans(tenant: Tenant, records: Mapping[str, Record]) -> Mapping[str, HostPlan]:
    """All files are missing, so all are in the plan."""
    known = {image: digest for record in records.values() for image, digest in record.digests.items()}
    digests = {image: known[str(image)] for image in images(tenant)}
    wished = desired(tenant, digests, typical_systems(tenant))
    return diff(wished, {name: replace(BARE, host=name) for name in records}).hosts


def _write(root: Path, plan: HostPlan, record: Record) -> None:
    for change in plan.files:
        _put(root, change.file)
    for start in plan.starts:
        if start.service.container is None:
            _put(root, File(f"/var/lib/cutover/started/{start.service.unit}", start.inputs.encode(), 0o600))
    done = dict(record.done) | {step.name: step.inputs for step in plan.one_time}
    files = {change.file.path: change.file.digest for change in plan.files if not change.file.once}
    _put(root, File(RECORD, json.dumps(asdict(replace(record, done=done, files=files))).encode(), 0o600))


def _put(root: Path, file: File) -> None:
    path = root / file.path[1:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(file.content)
    os.chown(path, _number(root, "passwd", file.owner), _number(root, "group", file.group))
    path.chmod(file.mode)


def _number(root: Path, table: str, name: str) -> int:
    lines: Iterable[list[str]] = (line.split(":") for line in (root / "etc" / table).read_text().splitlines())
    return next(int(line[2]) for line in lines if line[0] == name)


def _start_only(root: Path, units: Collection[str]) -> None:
    """Links of other units, and of podman's own, go."""
    for link in (root / ENABLED).glob("*.service"):
        if link.stem not in units:
            link.unlink()
