"""Some components of a tenant are brought to what they should be, everything else stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cutover.plan.desired import DesiredState, HostState, Service
from cutover.plan.diff import HostPlan, Plan
from cutover.plan.observed import Record


def together(desired: DesiredState, names: frozenset[str]) -> frozenset[str]:
    """Return these components and those that run the same images: one release of an image at a time."""
    images = {each.image for each in _services(desired) if each.component in names and each.image}
    return names | {each.component for each in _services(desired) if each.image in images}


def narrowed(plan: Plan, desired: DesiredState, names: frozenset[str]) -> Plan:
    """Return what of a plan belongs to some components."""
    return replace(plan, hosts={host: _of(each, desired.hosts[host], names) for host, each in plan.hosts.items()})


def record_of(old: Record, new: Record, state: HostState, names: frozenset[str]) -> Record:
    """Return what is written down after only some components were brought to `new`; without names, all of it."""
    if not names:
        return new
    chosen = _chosen(state, names)
    images, paths = {str(each.image) for each in chosen}, _paths(chosen)
    return replace(
        new,
        digests={**old.digests, **{image: digest for image, digest in new.digests.items() if image in images}},
        done=old.done,
        files={**old.files, **{path: digest for path, digest in new.files.items() if path in paths}},
        release=old.release,
    )


def _of(plan: HostPlan, state: HostState, names: frozenset[str]) -> HostPlan:
    chosen = _chosen(state, names)
    paths, units = _paths(chosen), {each.unit for each in chosen}
    volumes = {volume for each in chosen for volume in each.volumes}
    images = {(each.image.name, each.image.tag) for each in chosen if each.image}
    return HostPlan(
        plan.host,
        directories=plan.directories if chosen else (),
        files=tuple(change for change in plan.files if change.file.path in paths),
        volumes=tuple(volume for volume in plan.volumes if volume in volumes),
        enable=tuple(unit for unit in plan.enable if unit in units),
        pulls=tuple(pull for pull in plan.pulls if (pull.name, pull.tag) in images),
        starts=tuple(start for start in plan.starts if start.service.component in names),
    )


def _services(desired: DesiredState) -> Iterable[Service]:
    return (service for state in desired.hosts.values() for service in state.services)


def _chosen(state: HostState, names: frozenset[str]) -> tuple[Service, ...]:
    return tuple(service for service in state.services if service.component in names)


def _paths(services: Iterable[Service]) -> frozenset[str]:
    return frozenset(path for each in services for path in (each.unit_file.path, *each.inputs))
