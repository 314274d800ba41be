"""Show the password of the first administrator, once. Afterwards it is nowhere but in your hands."""

from __future__ import annotations

import argparse

from cutover.cli import inventories
from cutover.cli.arguments import add_tenant, tenants_folder
from cutover.cli.exits import Exit
from cutover.cli.output import Output
from cutover.errors import CutoverError, Finding

NAME = "password"
HELP = "show the first administrator's password, once"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant."""
    add_tenant(parser)


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Print the password and forget it. Raises CutoverError (CUT-608) when it was shown before."""
    import asyncio

    from cutover.hosts.password import take

    tenant = inventories.one(options.tenant, tenants_folder(options))
    password = asyncio.run(take(tenant))
    if password is None:
        what, todo = (
            "no password waits to be shown",
            "it was shown before, or the tenant is not installed yet",
        )
        raise CutoverError(Finding("CUT-608", what, tenant.name, todo=todo))
    if output.machine:
        output.document({"ok": True, "tenant": tenant.name, "user": "admin", "password": password})
    else:
        output.say(password)
    return Exit.OK
