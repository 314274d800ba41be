"""From a tenant and its hosts as they are to the plan: what would have to be done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from cutover.errors import Finding
from cutover.hosts.facts import Questions
from cutover.hosts.operation import current
from cutover.inventory import Tenant
from cutover.plan.desired import DesiredState
from cutover.plan.diff import Plan, diff
from cutover.plan.observed import ObservedHost
from cutover.products.omnileads import desired, every_package, images, typical_systems
from tasks.artifacts import ResultRow
from tasks.every import every
from tasks.hosts import observe, pinned
from tasks.images import resolve

UNRESOLVED = "sha256:" + "0" * 64
"""Stands for the digest of a tag that its registry does not know; such a plan is never applied."""


@dataclass(frozen=True, slots=True)
class Planned:
    """
    A plan with what it was made from; `missing` are the images that could not be resolved.

    `part` are the components that the plan is narrowed to, empty when it is all of the tenant.
    """

    plan: Plan
    desired: DesiredState
    observed: Mapping[str, ObservedHost]
    missing: tuple[Finding, ...]
    part: frozenset[str] = frozenset()


async def make_plan(tenant: Tenant, absent: Collection[str] = ()) -> Planned:
    """
    Look at all hosts at the same time, resolve the images' digests and return the plan.

    Hosts that are known to be `absent` are left out: it is then a plan of the others alone.
    """
    observed = await look(tenant, absent)
    digests, missing = await resolve(images(tenant), pinned(observed))
    digests = {image: digests.get(image, UNRESOLVED) for image in images(tenant)}
    systems = {**typical_systems(tenant), **{name: host.os for name, host in observed.items()}}
    wished = desired(tenant, digests, systems)
    if absent:
        hosts = {name: state for name, state in wished.hosts.items() if name in observed}
        once = tuple(each for each in wished.one_time if each.host in observed)
        wished = replace(wished, hosts=hosts, one_time=once)
    return Planned(diff(wished, observed), wished, observed, missing)


async def look(tenant: Tenant, absent: Collection[str] = ()) -> dict[str, ObservedHost]:
    """Read every host in one round trip; raises LeaseHeldError when another operation holds the tenant."""
    asked = {name: each for name, each in questions(tenant).items() if name not in absent}
    observed = await every(asked, lambda host: observe(host, asked[host]))
    await current().settle_lease()
    return observed


def questions(tenant: Tenant) -> dict[str, Questions]:
    """Return what to look at on each host before it is known which system it has."""
    placeholders = dict.fromkeys(images(tenant), UNRESOLVED)
    outline = desired(tenant, placeholders, typical_systems(tenant))
    return {name: replace(Questions.about(outline, name), packages=every_package()) for name in outline.hosts}


def plan_rows(plan: Plan) -> Iterable[ResultRow]:
    """Return a plan as rows of a result."""
    return (ResultRow(row.host, row.component, row.action, "planned", None, row.reason) for row in plan.rows())
