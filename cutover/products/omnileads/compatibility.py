"""Does a backup fit the tenant it is to be restored to: its release, and the PostgreSQL it comes from."""

from __future__ import annotations

from collections.abc import Iterable

from cutover.errors import Finding
from cutover.products.omnileads.releases import releases

PRODUCTIVE = (
    "public.ominicontacto_app_campana",
    "public.ominicontacto_app_agenteprofile",
    "public.ominicontacto_app_contacto",
    "public.reportes_app_llamadalog",
    "public.queue_log",
)
"""Tables that an installation leaves empty: a row in one of them is somebody's work."""


def release_findings(backup: str | None, tenant: str, where: str) -> Iterable[Finding]:
    """
    Given the releases of a backup (None: nobody knows) and of the tenant, yield what speaks against them.

    An application brings an older schema to its own when it starts, and cannot do it the other way round.
    """
    order = {row.name: number for number, row in enumerate(releases())}
    if backup == tenant:
        return
    if backup is None or backup not in order or tenant not in order:
        why = f"the backup is of {backup or 'an unknown release'}, the tenant runs {tenant}"
        todo = "make sure that it is not of a newer one: the application could not work with it"
        yield Finding("CUT-755", "it is not known whether the releases fit", where, why, todo, fatal=False)
    elif order[backup] > order[tenant]:
        why = f"the backup is of {backup}, the tenant runs {tenant}, which cannot work with a newer schema"
        todo = f'set `release: "{backup}"` in the inventory and run `cutover install`, then restore'
        yield Finding("CUT-753", "the backup is of a newer release", where, why, todo)
    else:
        why = f"the backup is of {backup}; {tenant} brings its schema up to date when it starts, which takes its time"
        yield Finding("CUT-754", "the backup is of an older release", where, why, fatal=False)


def postgres_findings(backup: str | None, server: int, where: str) -> Iterable[Finding]:
    """Given the PostgreSQL version of a backup ("15.13", None: unknown) and the server's major, yield an objection."""
    major = (backup or "").partition(".")[0]
    if major.isdigit() and int(major) > server:
        why = f"the backup was made by PostgreSQL {backup}, the server is PostgreSQL {server}"
        todo = "use a server that is at least as new (postgres_version or postgres_host in the inventory)"
        yield Finding("CUT-756", "the backup is of a newer PostgreSQL", where, why, todo)
