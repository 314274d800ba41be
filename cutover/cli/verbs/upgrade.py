"""Bring a tenant to what its inventory says now. What runs now comes back when anything fails."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import (
    add_components,
    add_cut_calls,
    add_limits,
    add_tenant_or_all,
    limits_of,
    refuse_limits,
)
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "upgrade"
HELP = "bring a tenant to another release, or all of them, with a way back"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant or all of them, the yes, some components, what becomes of calls, and the waves."""
    add_tenant_or_all(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask before a tenant, or a wave of them, is changed")
    add_components(parser)
    add_cut_calls(parser)
    parser.add_argument("--first", metavar="N", type=int, help="with --all: so many tenants in the first wave (1)")
    parser.add_argument("--then", metavar="N", type=int, help="with --all: so many in the second; then the rest (5)")
    add_limits(parser, stop_after=1)


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, ask when it asks, and follow it to its end."""
    from cutover.cli.runs.operation import operate, operate_on_all

    given = limits_of(options, "first", "then", "at_once", "stop_after")
    if options.all:
        return operate_on_all("upgrade-fleet", options, output, {**given, "approved": options.yes})
    refuse_limits(NAME, limits_of(options, "only", *given))
    more = {"approved": options.yes, "components": options.component, "cut_calls": options.cut_calls}
    return operate(NAME, options, output, more)
