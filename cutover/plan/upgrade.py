"""What a plan changes about components that run: which tag they leave, which they come to, and what that touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cutover.plan.desired import DesiredState, Service
from cutover.plan.diff import HostPlan, Plan
from cutover.plan.observed import ObservedHost
from cutover.plan.order import graph, nodes


@dataclass(frozen=True, slots=True)
class Change:
    """A component that is started anew on a host; `before` is empty when it did not run, both when it has no image."""

    host: str
    component: str
    before: str
    after: str
    reason: str


def changes(plan: Plan, desired: DesiredState, observed: Mapping[str, ObservedHost]) -> tuple[Change, ...]:
    """Return what a plan starts anew, in the order in which it does."""
    found = []
    for host, service, reason in _starts(plan):
        after = service.image.tag if service.image else ""
        found.append(Change(host, service.component, tag_of(service, observed[host]), after, reason))
    return tuple(found)


def _starts(plan: Plan) -> Iterable[tuple[str, Service, str]]:
    reasons = {(name, start.service.component): start for name, host in plan.hosts.items() for start in host.starts}
    sorter = graph(nodes(plan))
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda node: (node.host, node.component))
        for node in ready:
            start = reasons.get((node.host, node.component))
            if start is not None:
                yield node.host, start.service, start.reason
        sorter.done(*ready)


def tag_of(service: Service, found: ObservedHost) -> str:
    """Return the tag that a service's container runs with, by the host's record; the digest where nobody knows it."""
    container = found.containers.get(service.container or "")
    if container is None or not container.image:
        return ""
    name, _, digest = container.image.partition("@")
    for image, known in found.record.digests.items():
        if known == digest and image.rpartition(":")[0] == name:
            return image.rpartition(":")[2]
    return digest[:19]


def started_on(plan: Plan, host: str) -> tuple[Service, ...]:
    """Return the services that a plan starts on one host, in their order."""
    return tuple(service for name, service, _ in _starts(plan) if name == host)


def written(plan: HostPlan) -> tuple[str, ...]:
    """Return the paths that a plan writes on its host, apart from what Cutover itself notes there."""
    return tuple(change.file.path for change in plan.files)
