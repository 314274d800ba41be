"""Show which backups of a tenant are no longer kept; with --yes delete them."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_tenant
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "prune"
HELP = "delete the backups that are no longer kept"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant and --yes."""
    add_tenant(parser)
    parser.add_argument("--yes", action="store_true", help="delete them; otherwise only show which would go")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, and follow it to its end."""
    from cutover.cli.runs.operation import operate

    return operate(NAME, options, output, {"delete": options.yes})
