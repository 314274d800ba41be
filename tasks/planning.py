"""From a tenant and its hosts as they are to the plan: what would have to be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


async def make_plan(tenant: Tenant) -> Planned:
    """Look at all hosts at the same time, resolve the images' digests and return the plan."""
    observed = await look(tenant)
    digests, missing = await resolve(images(tenant), pinned(observed))
    digests = {image: digests.get(image, UNRESOLVED) for image in images(tenant)}
    wished = desired(tenant, digests, {name: host.os for name, host in observed.items()})
    return Planned(diff(wished, observed), wished, observed, missing)


async def look(tenant: Tenant) -> dict[str, ObservedHost]:
    """Read every host in one round trip; raises LeaseHeldError when another operation holds the tenant."""
    asked = questions(tenant)
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
