"""Bring a tenant to what its inventory says now. What runs now comes back when anything fails."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_tenant
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "upgrade"
HELP = "bring a tenant to another release, with a way back"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant and the yes."""
    add_tenant(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask before the tenant is changed")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, ask when it asks, and follow it to its end."""
    from cutover.cli.runs.operation import operate

    return operate(NAME, options, output, {"approved": options.yes})
