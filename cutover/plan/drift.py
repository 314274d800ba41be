"""How a host differs from what Cutover left there, and from what its inventory says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cutover.plan.desired import DesiredState
from cutover.plan.diff import Plan, own_files
from cutover.plan.observed import ObservedHost

BY_HAND, INVENTORY = "by hand", "inventory"


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference: `kind` says whether somebody has changed the host, or the inventory asks for something else."""

    host: str
    component: str
    kind: str
    what: str


def drift(plan: Plan, desired: DesiredState, observed: Mapping[str, ObservedHost]) -> tuple[Drift, ...]:
    """
    Return everything that differs, host after host, what was changed by hand first.

    A file that is another one than Cutover wrote, by its record, was changed by hand; so was a component that does not
    run although its files are as they were left. Whatever else a plan would change, the inventory asks for.
    """
    return tuple(each for host in desired.hosts for each in _of_host(host, plan, desired, observed[host]))


def _of_host(host: str, plan: Plan, desired: DesiredState, found: ObservedHost) -> Iterable[Drift]:
    wished = own_files(desired.hosts[host], found)
    changed = {path: what for path, what in _changed_files(found) if path in wished}
    yield from (Drift(host, "host", BY_HAND, f"{path}: {what}") for path, what in sorted(changed.items()))
    for row in plan.hosts[host].rows():
        if row.action.removeprefix("write ") in changed:
            continue
        stands_still = row.reason.startswith("not running") or row.reason == "its container is gone"
        yield Drift(host, row.component, BY_HAND if stands_still else INVENTORY, f"{row.action}: {row.reason}")


def _changed_files(found: ObservedHost) -> Iterable[tuple[str, str]]:
    for path, digest in found.record.files.items():
        state = found.files.get(path)
        if state is None:
            yield path, "removed"
        elif state.digest != digest:
            yield path, "changed"
