"""Save a tenant's database, its hosts' own files and its recordings, and say what was saved."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from cutover.cli.arguments import add_tenant_or_all
from cutover.cli.exits import Exit
from cutover.cli.output import Output
from cutover.errors import CutoverError, Finding

NAME = "backup"
HELP = "back a tenant up, or all of them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant, or all of them."""
    add_tenant_or_all(parser)
    parser.add_argument("--at-once", metavar="N", type=int, help="with --all: so many tenants at the same time (5)")
    parser.add_argument("--stop-after", metavar="N", type=int, help="with --all: begin no more after N failures (3)")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, and follow it to its end."""
    from cutover.cli.runs.operation import operate, operate_on_all

    limits = {"at_once": options.at_once, "stop_after": options.stop_after}
    given = {name: value for name, value in limits.items() if value is not None}
    if options.all:
        return operate_on_all("backup-fleet", options, output, given)
    refuse_limits(given)
    return operate(NAME, options, output)


def refuse_limits(given: Mapping[str, int]) -> None:
    """Raise CutoverError (CUT-601) when limits of a fleet are given for one tenant."""
    if given:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        what, why = "the command line is wrong", f"only with --all: {names}"
        raise CutoverError(Finding("CUT-601", what, "cutover backup", why, "see cutover backup --help"))
