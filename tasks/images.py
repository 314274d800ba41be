"""Images: from tag to digest, and onto the hosts."""

from __future__ import annotations

from collections.abc import Mapping

from cutover import registry
from cutover.errors import Finding
from cutover.hosts import converge
from cutover.hosts.operation import current
from cutover.plan.desired import Image
from cutover.plan.diff import HostPlan
from tasks.hosts import must_succeed
from tasks.step import step


@step("resolve images", timeout=120)
async def resolve(images: frozenset[Image], known: Mapping[str, str]) -> tuple[dict[Image, str], tuple[Finding, ...]]:
    """Return the digest of every image, and what is missing; the registry is asked only for those not `known`."""
    digests = {image: known[str(image)] for image in images if str(image) in known}
    asked, findings = await registry.resolve(images - digests.keys())
    return {**digests, **asked}, findings


@step("pull images on {host}", timeout=3600)
async def pull(host: str, plan: HostPlan) -> None:
    """Fetch by digest every image that the host lacks."""
    this = current()
    output = await this.run(host, converge.pull(plan.pulls, this.required_lease()), patience=3500)
    must_succeed(host, output, "CUT-404", "an image could not be pulled")
