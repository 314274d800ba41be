"""Show the databases and folders that restores have put aside; with --yes remove them for ever."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_tenant
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "release-old"
HELP = "let go of what served before a restore"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant and the yes."""
    add_tenant(parser)
    parser.add_argument("--yes", action="store_true", help="remove it; without this it is only shown")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, and follow it to its end."""
    from cutover.cli.runs.operation import operate

    return operate(NAME, options, output, {"delete": options.yes})
