"""Restart a tenant's components, in their order, each behind its health gate."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_components, add_cut_calls, add_tenant
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "restart"
HELP = "restart a tenant's components, or some of them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant and the components."""
    add_tenant(parser)
    add_components(parser)
    add_cut_calls(parser)


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, and follow it to its end."""
    from cutover.cli.runs.operation import operate

    return operate(NAME, options, output, {"components": options.component, "cut_calls": options.cut_calls})
