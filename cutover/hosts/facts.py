"""Facts of a host in one round trip: the script that prints them and the parser that reads them."""

from __future__ import annotations

import json
import shlex
from base64 import b64decode
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

from cutover.hosts.connection import Output
from cutover.hosts.script import array
from cutover.plan.desired import DesiredState
from cutover.plan.observed import ContainerState, FileState, ObservedHost, OperatingSystem, Record, UnitState

FAMILIES = {"debian": "debian", "ubuntu": "debian", "rhel": "redhat", "fedora": "redhat", "centos": "redhat"}


@dataclass(frozen=True, slots=True)
class Questions:
    """What to look at on a host beside what is always read."""

    files: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    user: str = "omnileads"

    @classmethod
    def about(cls, desired: DesiredState, host: str) -> Questions:
        """Return what must be looked at to compare a host with its desired state."""
        state = desired.hosts[host]
        paths = [file.path for file in state.files]
        paths += [service.unit_file.path for service in state.services]
        paths += [directory.path for directory in state.directories]
        units = tuple(f"{service.unit}.service" for service in state.services)
        return cls(tuple(paths), units, state.packages, state.user)


def lines(questions: Questions) -> list[str]:
    """Return the lines of a script (library `facts`) that print the facts."""
    return [
        array("files", questions.files or ("/nonexistent",)),
        array("units", questions.units or ("sshd.service",)),
        array("packages", questions.packages or ("bash",)),
        f"user={shlex.quote(questions.user)}",
        "facts",
    ]


def family(os_id: str, like: str) -> str:
    """Return the package family for the ID and ID_LIKE of /etc/os-release, empty when unknown."""
    return next((FAMILIES[word] for word in (os_id, *like.split()) if word in FAMILIES), "")


@dataclass(slots=True)
class _Rows:
    """The printed lines, by their first field."""

    by_kind: dict[str, list[list[str]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, text: str) -> _Rows:
        rows = cls()
        for line in text.splitlines():
            kind, *fields = line.split("\t")
            rows.by_kind[kind].append(fields)
        return rows

    def one(self, kind: str, position: int = 0, default: str = "") -> str:
        found = self.by_kind.get(kind)
        return found[0][position] if found and len(found[0]) > position else default

    def column(self, kind: str) -> frozenset[str]:
        return frozenset(fields[0] for fields in self.by_kind.get(kind, []) if fields)

    def packed(self, kind: str) -> bytes:
        return b64decode(self.one(kind))


def parse(host: str, output: Output) -> ObservedHost:
    """Given the output of a facts script, return the host as it was found."""
    rows = _Rows.read(output.stdout)
    os_id, version, like = (rows.one("os", position) for position in range(3))
    paths = _paths(rows)
    started = {fields[0]: fields[1] for fields in rows.by_kind["started"]}
    return ObservedHost(
        host=host,
        os=OperatingSystem(os_id, version, family(os_id, like)),
        controller=rows.one("controller"),
        addresses=rows.column("address"),
        memory=int(float(rows.one("memory", default="0"))),
        disk_free=int(rows.one("disk", default="0")),
        clock_offset=_clock_offset(float(rows.one("clock", default="0")), output),
        timezone=rows.one("timezone").removeprefix("/usr/share/zoneinfo/"),
        users=rows.column("user"),
        packages=rows.column("package"),
        listening=frozenset((protocol, int(port, 16)) for protocol, port in rows.by_kind["listen"]),
        files={path: state for path, state in paths.items() if state.digest},
        directories={path: state for path, state in paths.items() if not state.digest},
        units=_units(rows.by_kind["unit"]),
        containers=_containers(rows.packed("containers")),
        images=_images(rows.packed("images")) - rows.column("hollow"),
        volumes=rows.column("volume"),
        started=started,
        record=parse_record(rows.packed("record")),
    )


def _clock_offset(clock: float, output: Output) -> float:
    """Seconds the host is ahead of the controller, beyond what the round trip itself explains."""
    if clock < output.sent:
        return clock - output.sent
    return max(0.0, clock - output.received)


def _paths(rows: _Rows) -> dict[str, FileState]:
    digests = {fields[0]: fields[1] for fields in rows.by_kind["digest"]}
    return {
        path: FileState(digests.get(path, ""), int(mode, 8), owner, group)
        for path, mode, owner, group, kind in rows.by_kind["path"]
        if kind == "directory" or path in digests
    }


def _units(rows: Iterable[Sequence[str]]) -> dict[str, UnitState]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for unit, key, value in rows:
        found[unit.removesuffix(".service")][key] = value
    return {
        unit: UnitState(
            active=values.get("ActiveState", "inactive"),
            enabled=values.get("UnitFileState") == "enabled",
            started=int(values.get("ActiveEnterTimestampMonotonic") or 0),
        )
        for unit, values in found.items()
    }


def _containers(text: bytes) -> dict[str, ContainerState]:
    return {
        container["Names"][0]: ContainerState(
            image=container.get("Image", ""),
            inputs=(container.get("Labels") or {}).get("cutover.inputs", ""),
            running=container.get("State") == "running",
        )
        for container in json.loads(text or b"[]") or []
    }


def _images(text: bytes) -> frozenset[str]:
    """Names with digest (`docker.io/x/y@sha256:…`) of every image in the host's store."""
    found: set[str] = set()
    for image in json.loads(text or b"[]") or []:
        names = {name.rsplit(":", 1)[0] for name in image.get("Names") or [] if "@" not in name}
        digests = {digest.split("@")[-1] for digest in image.get("RepoDigests") or []} | {image.get("Digest", "")}
        found |= {f"{name}@{digest}" for name in names for digest in digests if digest}
        found |= set(image.get("RepoDigests") or [])
    return frozenset(found)


def parse_record(text: bytes) -> Record:
    """Return the record a host holds; an empty one when there is none or it cannot be read."""
    try:
        record = json.loads(text or b"{}")
        return Record(**{each.name: record[each.name] for each in fields(Record) if each.name in record})
    except (ValueError, TypeError):
        return Record()
