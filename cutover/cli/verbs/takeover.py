"""Give the main hosts of a cluster their roles back. Who has its role already is left alone."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_tenant
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "takeover"
HELP = "give the main hosts of an HA tenant their roles back"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant and the parts."""
    add_tenant(parser)
    parser.add_argument(
        "--part",
        action="append",
        choices=("postgresql", "redis"),
        default=[],
        help="only this one (default: both)",
    )


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, and follow it to its end."""
    from cutover.cli.runs.operation import operate

    return operate(NAME, options, output, {"parts": options.part})
