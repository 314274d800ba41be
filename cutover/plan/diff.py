"""
Desired state and observed state become a plan.

Invariant: a plan is empty exactly when every host is as desired. Applying a plan and observing again gives an empty
plan, wherever the application was interrupted and repeated. From that follows how "must be restarted" is decided: not
by what this run wrote, but by comparing the digest of everything a unit should run with to the digest that the running
container was started with (its label `cutover.inputs`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sized
from dataclasses import dataclass, replace
from hashlib import sha256

from cutover.plan.desired import INPUTS, DesiredState, Directory, File, HostState, OneTime, Service
from cutover.plan.observed import FileState, ObservedHost
from cutover.plan.pairs import Turns, turns


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file to be written, and why."""

    file: File
    reason: str


@dataclass(frozen=True, slots=True)
class Pull:
    """An image that a host lacks; `tag` is what the inventory calls it."""

    name: str
    digest: str
    tag: str


@dataclass(frozen=True, slots=True)
class Start:
    """A service to be started or restarted with `inputs`, and why; `interrupts` whom it serves now."""

    service: Service
    inputs: str
    reason: str
    interrupts: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a plan as a person reads it."""

    host: str
    component: str
    action: str
    reason: str


def _counted(things: Sized, one: str, many: str = "") -> str:
    return f"{len(things)} {one if len(things) == 1 else many or one + 's'}" if things else ""


def _listed(*parts: str) -> str:
    return ", ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class HostPlan:
    """What is to be done on one host; everything empty when nothing is."""

    host: str
    packages: tuple[str, ...] = ()
    user: str = ""
    timezone: str = ""
    directories: tuple[Directory, ...] = ()
    files: tuple[FileChange, ...] = ()
    volumes: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    pulls: tuple[Pull, ...] = ()
    starts: tuple[Start, ...] = ()
    one_time: tuple[OneTime, ...] = ()

    def preparation(self) -> str:
        """Say what of the host itself is to be changed: packages, account, time zone; empty when nothing is."""
        account = f"account {self.user}" if self.user else ""
        zone = f"time zone {self.timezone}" if self.timezone else ""
        return _listed(_counted(self.packages, "package"), account, zone)

    def images(self) -> str:
        """Say how many images are to be fetched; empty when none is."""
        return _counted(self.pulls, "image")

    def configuration(self) -> str:
        """Say how many files, directories, volumes and units at boot are to be changed; empty when none is."""
        return _listed(
            _counted(self.files, "file"),
            _counted(self.directories, "directory", "directories"),
            _counted(self.volumes, "volume"),
            _counted(self.enable, "unit at boot", "units at boot"),
        )

    @property
    def empty(self) -> bool:
        """Is the host as desired?"""
        return not (self.preparation() or self.images() or self.configuration() or self.starts or self.one_time)

    def rows(self) -> Iterable[Row]:
        """Yield the plan of this host line by line, in the order of its execution."""
        yield from (Row(self.host, "host", f"install package {package}", "missing") for package in self.packages)
        if self.user:
            yield Row(self.host, "host", f"create account {self.user}", "missing")
        if self.timezone:
            yield Row(self.host, "host", f"set time zone {self.timezone}", "another one is set")
        for pull in self.pulls:
            yield Row(self.host, "host", f"pull {pull.name}:{pull.tag}", f"lacks {pull.digest[:19]}")
        for directory in self.directories:
            yield Row(self.host, "host", f"make directory {directory.path}", "missing, or of another mode or owner")
        yield from (Row(self.host, "host", f"write {change.file.path}", change.reason) for change in self.files)
        yield from (Row(self.host, "host", f"create volume {volume}", "missing") for volume in self.volumes)
        yield from (Row(self.host, "host", f"enable {unit} at boot", "not enabled") for unit in self.enable)
        yield from (Row(self.host, start.service.component, "start", start.reason) for start in self.starts)
        yield from (Row(self.host, step.name, "do once", "not on record") for step in self.one_time)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done on a tenant's hosts; `pairs` are hosts that stand in for each other, the passive one first."""

    tenant: str
    hosts: Mapping[str, HostPlan]
    pairs: tuple[Turns, ...] = ()

    def peer(self, host: str) -> str:
        """Return the host that stands in for another one; empty where none does."""
        return next((other for pair in self.pairs if (other := pair.other(host))), "")

    @property
    def empty(self) -> bool:
        """Is the tenant as desired?"""
        return all(host.empty for host in self.hosts.values())

    def rows(self) -> tuple[Row, ...]:
        """Return the whole plan line by line, host after host."""
        return tuple(row for host in self.hosts.values() for row in host.rows())


def diff(desired: DesiredState, observed: Mapping[str, ObservedHost]) -> Plan:
    """Given what a tenant should be and what its hosts were found to be, return what is to be done."""
    done = {name: inputs for host in observed.values() for name, inputs in host.record.done.items()}
    missing = tuple(step for step in desired.one_time if done.get(step.name) != step.inputs)
    return Plan(
        desired.tenant,
        {name: _host_plan(state, desired, observed[name], missing) for name, state in desired.hosts.items()},
        turns(desired.pairs, observed),
    )


def restarts(desired: DesiredState, observed: Mapping[str, ObservedHost], names: Collection[str], reason: str) -> Plan:
    """Return the plan that starts components anew, as they run now, on every host; all of them when none is named."""
    return Plan(
        desired.tenant,
        {
            name: HostPlan(
                name,
                starts=tuple(
                    Start(
                        service,
                        service_inputs(service, state, observed[name]),
                        reason,
                        interrupts=observed[name].active(service.unit),
                    )
                    for service in state.services
                    if (service.started or observed[name].active(service.unit))
                    and (not names or service.component in names)
                ),
            )
            for name, state in desired.hosts.items()
        },
        turns(desired.pairs, observed),
    )


def _host_plan(state: HostState, desired: DesiredState, found: ObservedHost, missing: tuple[OneTime, ...]) -> HostPlan:
    inputs = {service.unit: service_inputs(service, state, found) for service in state.services}
    units = tuple(_filled(service.unit_file, inputs[service.unit]) for service in state.services)
    return HostPlan(
        host=state.host,
        packages=tuple(package for package in state.packages if package not in found.packages),
        user=state.user if state.user not in found.users else "",
        timezone=state.timezone if state.timezone != found.timezone else "",
        directories=tuple(each for each in state.directories if not _as_wished(each, found.directories)),
        files=tuple(_changes((*state.files, *units), found)),
        volumes=tuple(sorted({v for service in state.services for v in service.volumes} - found.volumes)),
        enable=tuple(s.unit for s in state.services if s.started and not _enabled(s, found)),
        pulls=tuple(_pulls(state, desired, found)),
        starts=tuple(_starts(state, inputs, found)),
        one_time=tuple(step for step in missing if step.host == state.host),
    )


def own_files(state: HostState, found: ObservedHost) -> Mapping[str, str]:
    """Return the digest of every file that a host should have and nobody else may change, units included, by path."""
    units = (_filled(each.unit_file, service_inputs(each, state, found)) for each in state.services)
    return {file.path: file.digest for file in (*state.files, *units) if not file.once}


def _filled(file: File, inputs: str) -> File:
    return replace(file, content=file.content.replace(INPUTS.encode(), inputs.encode()))


def _kept(state: HostState, found: ObservedHost) -> frozenset[str]:
    """The `once` groups that are complete on the host and therefore kept as they are."""
    groups = {file.once for file in state.files if file.once}
    broken = {file.once for file in state.files if file.once and file.path not in found.files}
    return frozenset(groups - broken)


def service_inputs(service: Service, state: HostState, found: ObservedHost) -> str:
    """Return the digest of everything a service runs with, taking files that are kept as they are on the host."""
    kept = _kept(state, found)
    by_path = {file.path: file for file in state.files}
    parts = [service.unit_file.digest]
    for path in sorted(service.inputs):
        file = by_path[path]
        parts.append(f"{path}={found.files[path].digest if file.once in kept else file.digest}")
    return sha256("\n".join(parts).encode()).hexdigest()[:32]


def _as_wished(wish: File | Directory, found: Mapping[str, FileState]) -> bool:
    state = found.get(wish.path)
    return state is not None and (state.mode, state.owner, state.group) == (wish.mode, wish.owner, wish.group)


def _changes(files: Iterable[File], found: ObservedHost) -> Iterable[FileChange]:
    files = tuple(files)
    missing_groups = {file.once for file in files if file.once and file.path not in found.files}
    for file in files:
        state = found.files.get(file.path)
        if state is None:
            yield FileChange(file, "missing")
        elif file.once:
            if file.once in missing_groups:
                yield FileChange(file, "its counterpart is missing")
        elif state.digest != file.digest:
            yield FileChange(file, "content differs")
        elif not _as_wished(file, found.files):
            yield FileChange(file, f"mode or owner differs ({state.mode:o} {state.owner}:{state.group})")


def _enabled(service: Service, found: ObservedHost) -> bool:
    state = found.units.get(service.unit)
    return state is not None and state.enabled


def _pulls(state: HostState, desired: DesiredState, found: ObservedHost) -> Iterable[Pull]:
    for image in sorted({service.image for service in state.services if service.image}):
        digest = desired.digests[image]
        if f"{image.name}@{digest}" not in found.images:
            yield Pull(image.name, digest, image.tag)


def _starts(state: HostState, inputs: Mapping[str, str], found: ObservedHost) -> Iterable[Start]:
    for service in state.services:
        runs = found.active(service.unit)
        reason = _start_reason(service, inputs[service.unit], found) if service.started or runs else ""
        if reason:
            yield Start(service, inputs[service.unit], reason, interrupts=runs)


def _start_reason(service: Service, inputs: str, found: ObservedHost) -> str:
    unit = found.units.get(service.unit)
    if unit is None or unit.active != "active":
        if service.unit_file.path not in found.files:
            return "new on this host"
        return f"not running ({unit.active if unit else 'no unit'})"
    if service.container is None:
        running_with = found.started.get(service.unit, "")
    else:
        container = found.containers.get(service.container)
        if container is None or not container.running:
            return "its container is gone"
        running_with = container.inputs
    return "" if running_with == inputs else "runs with other files or another image"
