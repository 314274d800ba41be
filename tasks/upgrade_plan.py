"""What an upgrade is going to do, once everything about it is known and nothing has been touched."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prefect.artifacts import acreate_markdown_artifact

from cutover.amounts import bytes_in_words
from cutover.hosts import contents
from cutover.hosts.operation import current
from cutover.hosts.swap import Names
from cutover.inventory import Tenant
from cutover.plan.diff import FileChange
from cutover.plan.upgrade import Change
from cutover.products.omnileads import saved
from tasks.artifacts import key, plan_as_markdown, table
from tasks.backup_preflight import Ready
from tasks.planning import Planned
from tasks.restore_plan import Server
from tasks.step import step

HEAD = ("host", "component", "runs", "will run", "reason")
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Upgrading:
    """
    An upgrade that nothing is known to stop.

    `names` carry its stamp, `pending` are the migrations of the schema that it brings, `size` the bytes of the database
    that is kept beside when there are any. `ready` is what the backup before it needs, None where the policy wants none
    or has a proven one; `backup` says so in words, `calls` what becomes of live calls. `before` is the release that
    ran, where it is known.
    """

    tenant: Tenant
    planned: Planned
    server: Server
    names: Names
    before: str
    changes: tuple[Change, ...]
    pending: tuple[str, ...]
    size: int
    ready: Ready | None
    backup: str
    calls: str

    @property
    def hosts(self) -> tuple[str, ...]:
        """All hosts of the tenant, the one that decides first."""
        others = (host.name for host in self.tenant.hosts if host.name != self.server.host)
        return (self.server.host, *others)

    @property
    def after(self) -> str:
        """The release that it comes to."""
        return saved.release(self.tenant)


@step("files of {host}", timeout=60)
async def present_files(host: str, paths: tuple[str, ...]) -> dict[str, bytes]:
    """Read files of a host; what is not there is left out."""
    output = await current().run(host, contents.ask(paths))
    return contents.parse(output.stdout)


async def differences(planned: Planned) -> str:
    """Return how the files that will be written differ from those on the hosts; what holds a secret is not shown."""
    lines: list[str] = []
    for host, plan in planned.plan.hosts.items():
        open_ones = [change for change in plan.files if not change.file.secret]
        found = await present_files(host, tuple(change.file.path for change in open_ones)) if open_ones else {}
        for change in plan.files:
            lines += _difference(host, change, found)
    more = [f"… {len(lines) - MOST_LINES} more lines"] if len(lines) > MOST_LINES else []
    return "\n".join([*lines[:MOST_LINES], *more])


def _difference(host: str, change: FileChange, found: Mapping[str, bytes]) -> Iterable[str]:
    path = change.file.path
    if change.file.secret:
        return (f"--- {host}: {path} ({change.reason}; holds secrets)",)
    old = found.get(path, b"").decode(errors="replace").splitlines()
    new = change.file.content.decode(errors="replace").splitlines()
    return difflib.unified_diff(old, new, f"{host}: {path}", f"{host}: {path} (new)", lineterm="", n=1)


def as_markdown(it: Upgrading, files: str) -> str:
    """Return an upgrade as a person reads it before saying yes to it."""
    rows = [(change.host, change.component, change.before, change.after, change.reason) for change in it.changes]
    schema = (
        f"The database's schema moves by {len(it.pending)} migrations, while the application stands still: "
        f"{', '.join(it.pending)}. The database as it was, {bytes_in_words(it.size)}, is kept beside."
        if it.pending
        else "The database's schema stays as it is."
    )
    return "\n".join(
        (
            f"# Upgrade of {it.tenant.name}: {it.before or 'unknown'} to {it.after}",
            "",
            *table(HEAD, rows),
            "",
            schema,
            f"Backup: {it.backup}.",
            "",
            *([it.calls, ""] if it.calls else []),
            "If a component does not answer afterwards, everything goes back to what runs now.",
            "",
            *(["## Files", "", "```diff", files, "```", ""] if files else []),
            plan_as_markdown(it.planned.plan, it.tenant.warnings),
        )
    )


async def publish(it: Upgrading) -> str:
    """Show what an upgrade is going to do in the UI, and return it."""
    text = as_markdown(it, await differences(it.planned))
    await acreate_markdown_artifact(text, key=key("plan", it.tenant.name), description=f"upgrade to {it.after}")
    return text
