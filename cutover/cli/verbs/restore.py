"""Put a backup in the place of what serves. What serves now is kept, and comes back when anything fails."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_tenant
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "restore"
HELP = "restore a tenant from a backup"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant, the backup and the yes."""
    add_tenant(parser)
    parser.add_argument(
        "backup",
        nargs="?",
        default="",
        metavar="BACKUP",
        help="id, its beginning, or an old tool's number (default: restore_file_timestamp, else the newest)",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before a tenant in use is changed")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, ask when it asks, and follow it to its end."""
    from cutover.cli.runs.operation import operate

    return operate(NAME, options, output, {"backup": options.backup, "approved": options.yes})
