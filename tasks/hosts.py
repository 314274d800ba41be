"""Steps on a whole host: look at it, prepare it, write its files, read its health, write its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cutover.errors import CutoverError, Finding
from cutover.hosts import converge, job, lease
from cutover.hosts.connection import Output
from cutover.hosts.facts import Questions
from cutover.hosts.operation import current
from cutover.hosts.probes import verdict_lines
from cutover.hosts.script import script
from cutover.plan.desired import HostState
from cutover.plan.diff import HostPlan
from cutover.plan.observed import ObservedHost, Record
from cutover.secret import without
from tasks.step import step


@dataclass(frozen=True, slots=True)
class Health:
    """What a component answered when it was asked once; `seen` says what was wrong."""

    component: str
    healthy: bool
    seen: str = ""


def must_succeed(host: str, output: Output, code: str, what: str) -> None:
    """Raise CutoverError with the last lines a script printed when it failed."""
    if output.status:
        said = "\n".join((output.stderr.strip() or output.stdout.strip()).splitlines()[-15:])
        said = without(said, current().tenant.secrets)
        todo = "mend the cause on the host, then run the same command again: it goes on where it stopped"
        raise CutoverError(Finding(code, what, host, said or f"exit status {output.status}", todo))


@step("observe {host}")
async def observe(host: str, questions: Questions) -> ObservedHost:
    """Read a host in one round trip, taking the tenant's lease with it when the operation has one."""
    return await current().observe(host, questions)


@step("earlier work on {host}", timeout=120)
async def clear_jobs(host: str) -> None:
    """End what runs that died have left working on a host, and remove it."""
    await job.clear(current(), host)


@step("prepare {host}", timeout=1800)
async def prepare(host: str, plan: HostPlan) -> None:
    """Install missing packages, make the account, set the time zone."""
    this = current()
    output = await this.run(host, converge.prepare(plan, this.required_lease()), patience=1700)
    must_succeed(host, output, "CUT-221", "the host could not be prepared")


@step("configure {host}", timeout=180)
async def configure(host: str, plan: HostPlan) -> None:
    """Write files and directories, make volumes and enable units, in one transfer."""
    this = current()
    output = await this.run(host, converge.configure(plan, this.required_lease()), patience=150)
    must_succeed(host, output, "CUT-222", "the host could not be configured")


@step("verify {host}", timeout=300)
async def verify(host: str, state: HostState, *, last: bool, patience: int = 0) -> tuple[Health, ...]:
    """
    Ask every service of a host, all at the same time, those started less than `patience` seconds ago until they answer.

    With `last` the lease is given back in the same trip.
    """
    this = current()
    lines = verdict_lines(state.services, patience)
    if last and this.lease is not None:
        lines += lease.release_lines(this.lease)
    output = await this.run(host, script(("lease", "gates"), lines), patience=100 + patience)
    if last and this.lease is not None:
        this.released.add(host)
    return tuple(_healths(without(output.stdout, this.tenant.secrets)))


def _healths(stdout: str) -> list[Health]:
    found = []
    for line in stdout.splitlines():
        match line.split("\t"):
            case ["healthy", component]:
                found.append(Health(component, healthy=True))
            case ["sick", component, *seen]:
                found.append(Health(component, healthy=False, seen=" ".join(seen).strip()))
    return sorted(found, key=lambda health: health.component)


@step("record on {host}", timeout=60)
async def record(host: str, what: Record) -> None:
    """Write down on the host what runs there now and what was done once."""
    this = current()
    output = await this.run(host, converge.write_record(what, this.required_lease()))
    must_succeed(host, output, "CUT-223", "the record could not be written")


def pinned(observed: Mapping[str, ObservedHost]) -> dict[str, str]:
    """
    Return the digest that each image (`name:tag`) has on the hosts' records.

    A tag keeps the digest it was resolved to; where hosts disagree it is resolved anew.
    """
    found: dict[str, set[str]] = {}
    for host in observed.values():
        for image, digest in host.record.digests.items():
            found.setdefault(image, set()).add(digest)
    return {image: digests.pop() for image, digests in found.items() if len(digests) == 1}
