"""Bring a tenant back to what ran before an upgrade. Its inventory is not changed."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_cut_calls, add_tenant
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "rollback"
HELP = "bring a tenant back to what ran before an upgrade"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant, the kept release and the yes."""
    add_tenant(parser)
    parser.add_argument(
        "record", nargs="?", default="", metavar="RECORD", help="time stamp of a kept release (default: the newest)"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before the tenant is changed")
    add_cut_calls(parser)


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, ask when it asks, and follow it to its end."""
    from cutover.cli.runs.operation import operate

    return operate(
        NAME, options, output, {"record": options.record, "approved": options.yes, "cut_calls": options.cut_calls}
    )
