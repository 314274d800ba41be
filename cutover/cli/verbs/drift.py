"""Compare hosts with what Cutover left there and with the inventory. Changes nothing."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_tenant_or_all, limits_of, refuse_limits
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "drift"
HELP = "say what somebody has changed on a tenant's hosts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant, or all of them."""
    add_tenant_or_all(parser)


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, and follow it to its end."""
    from cutover.cli.runs.operation import operate, operate_on_all

    if options.all:
        return operate_on_all("drift-fleet", options, output, {})
    refuse_limits(NAME, limits_of(options, "only"))
    return operate(NAME, options, output)
