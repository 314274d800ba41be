"""Bring a tenant's hosts to what its inventory says. Doing it twice changes nothing."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_cut_calls, add_tenant
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "install"
HELP = "install a tenant, or finish an install"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant, and what becomes of calls."""
    add_tenant(parser)
    add_cut_calls(parser)


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, and follow it to its end."""
    from cutover.cli.runs.operation import operate

    return operate(NAME, options, output, {"cut_calls": options.cut_calls})
