"""Compare hosts with what Cutover left there and with the inventory. Changes nothing."""

from __future__ import annotations

import argparse

from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "drift"
HELP = "say what somebody has changed on a tenant's hosts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant, or all of them."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("tenant", metavar="TENANT", nargs="?", help="name of a folder in the folder of tenants")
    which.add_argument("--all", action="store_true", help="all tenants of the folder, in one run")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, and follow it to its end."""
    from cutover.cli.runs.operation import operate, operate_on_all

    if options.all:
        return operate_on_all("drift-fleet", options, output, {})
    return operate(NAME, options, output)
