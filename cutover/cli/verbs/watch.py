"""Look whether a cluster still has two of everything. Changes nothing."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_tenant
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "watch"
HELP = "say whether an HA tenant has lost its redundancy"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant."""
    add_tenant(parser)


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, and follow it to its end."""
    from cutover.cli.runs.operation import operate

    return operate(NAME, options, output)
