"""
What an OMniLeads database must hold to be usable: its own tables, the function and the trigger that feed the reports.

Objects are written as words, e.g. "table public.queue_log", as `cutover.hosts.objects` lists what a database has.
"""

from __future__ import annotations

from cutover.inventory import Tenant
from cutover.products.omnileads.releases import releases, tags

USERS = "public.ominicontacto_app_user"
"""The table that is never empty: the first account is made by the installation itself."""

TABLES = (
    "public.django_migrations",
    USERS,
    "public.ominicontacto_app_campana",
    "public.ominicontacto_app_agenteprofile",
    "public.ominicontacto_app_contacto",
    "public.reportes_app_llamadalog",
    "public.reportes_app_actividadagentelog",
    "public.queue_log",
)

PLPERL = (
    "extension plperl",
    "function insert_queue_log_ominicontacto_queue_log",
    "trigger trigger_queue_log on queue_log",
)
"""What turns Asterisk's events into reports, up to release 1.32.1."""


def required(plperl: bool) -> tuple[str, ...]:
    """Return the objects without which the application does not work; `plperl` says whether its release needs that."""
    return (*(f"table {name}" for name in TABLES), *(PLPERL if plperl else ()))


def needs_plperl(release: str | None, tenant: Tenant) -> bool:
    """Return whether a backup's release needs plperl; where it is not known, what the tenant runs decides."""
    known = [row.plperl for row in releases() if row.name == release]
    return known[-1] if known else tags(tenant).plperl
