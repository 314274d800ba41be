"""What an operator needs after an install: where the application is and its first password."""

from __future__ import annotations

import asyncio
import sys

from cutover.cli.output import Output
from cutover.cli.runs.follow import Ended
from cutover.errors import CutoverError
from cutover.inventory import Layout, Role, Tenant
from cutover.products.omnileads.bootstrap import ADMIN


def hand_over(tenant: Tenant, ended: Ended, output: Output) -> None:
    """
    Say where the application is; on a terminal, show its first password once, if this run has set it.

    Elsewhere the password stays where it is, and the command that shows it is named.
    """
    output.say(f"application: {address(tenant)}")
    if not any(row["component"] == ADMIN for row in ended.result):
        return
    if not (output.terminal and sys.stdin.isatty()):
        output.say(f"first password of admin: cutover password {tenant.name}")
        return
    password = _taken(tenant)
    if password:
        output.say(f"log in as admin with {password}  (shown once, kept nowhere)")


def address(tenant: Tenant) -> str:
    """Return the address browsers use; in HA that of the HAProxy pair."""
    shared = tenant.variables.application_host if tenant.layout is Layout.HA else None
    return f"https://{tenant.variables.fqdn or shared or tenant.hosts_of(Role.AIO, Role.APP)[0].wan}/"


def _taken(tenant: Tenant) -> str | None:
    from cutover.hosts.password import take

    try:
        return asyncio.run(take(tenant))
    except CutoverError:
        return None
