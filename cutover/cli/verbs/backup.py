"""Save a tenant's database, its hosts' own files and its recordings, and say what was saved."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_limits, add_tenant_or_all, limits_of, refuse_limits
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "backup"
HELP = "back a tenant up, or all of them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant, or all of them."""
    add_tenant_or_all(parser)
    add_limits(parser, stop_after=3)


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, and follow it to its end."""
    from cutover.cli.runs.operation import operate, operate_on_all

    given = limits_of(options, "at_once", "stop_after")
    if options.all:
        return operate_on_all("backup-fleet", options, output, given)
    refuse_limits(NAME, limits_of(options, "only", *given))
    return operate(NAME, options, output)
