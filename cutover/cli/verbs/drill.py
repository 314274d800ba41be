"""Restore a backup into a throw-away database and compare the two. Until then a backup is unproven."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_tenant
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "drill"
HELP = "prove a backup by restoring it beside the live system"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant, the backup and the host."""
    add_tenant(parser)
    parser.add_argument("backup", nargs="?", default="latest", help="id or beginning of one (default: latest)")
    parser.add_argument("--on", default="", metavar="HOST", help="host of the tenant to restore on")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, and follow it to its end."""
    from cutover.cli.runs.operation import operate

    return operate(NAME, options, output, {"backup": options.backup, "host": options.on})
