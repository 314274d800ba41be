"""Show the host keys of a tenant's hosts and record them. Flows never trust a key that is not recorded."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cutover.cli import inventories
from cutover.cli.arguments import add_tenant, tenants_folder
from cutover.cli.exits import Exit
from cutover.cli.output import Output, columns
from cutover.errors import CutoverError, Finding

if TYPE_CHECKING:
    from cutover.hosts.trust import OfferedKey

NAME = "trust"
HELP = "show and record the host keys of a tenant's hosts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant and --yes."""
    add_tenant(parser)
    parser.add_argument("--yes", action="store_true", help="record without asking")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Show the fingerprints, ask, and record."""
    import asyncio

    from cutover.hosts.trust import record, scan

    tenant = inventories.one(options.tenant, tenants_folder(options))
    keys = asyncio.run(scan(tenant))
    standings = {key.standing for key in keys}
    output.say(table(keys))
    output.say(warning(keys))
    accepted = standings == {"same"} or _accepted(options.yes, "changed" in standings, output)
    if accepted and standings != {"same"}:
        output.say(f"recorded in {record(tenant, keys)}")
    output.document({"ok": accepted, "keys": [_entry(key) for key in keys]})
    return Exit.OK if accepted else Exit.REFUSED


def table(keys: Sequence[OfferedKey]) -> str:
    """Return the keys with their fingerprints, one a line."""
    head = ("HOST", "ADDRESS", "TYPE", "FINGERPRINT", "STANDING")
    return columns([head, *((key.host, key.address, key.algorithm, key.fingerprint, key.standing) for key in keys)])


def warning(keys: Sequence[OfferedKey]) -> str:
    """Return what to shout when a host offers another key than the recorded one; empty when none does."""
    changed = ", ".join(key.host for key in keys if key.standing == "changed")
    if not changed:
        return ""
    return (
        f"WARNING: THE HOST KEY HAS CHANGED: {changed}\n"
        "The host was installed anew, or somebody else answers at its address.\n"
        "Find out which before you record it."
    )


def _accepted(yes: bool, changed: bool, output: Output) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        what, todo = "recording host keys has to be confirmed", "compare the fingerprints, then give --yes"
        raise CutoverError(Finding("CUT-607", what, "cutover trust", todo=todo))
    word = "changed" if changed else "yes"
    output.say(f"Compare with the hosts' consoles (ssh-keygen -lf FILE). Type {word} to record them:")
    return input().strip() == word


def _entry(key: OfferedKey) -> dict[str, str]:
    return {
        "host": key.host,
        "address": key.address,
        "type": key.algorithm,
        "fingerprint": key.fingerprint,
        "standing": key.standing,
    }
