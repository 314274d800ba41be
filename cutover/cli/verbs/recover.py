"""Bring the nodes of a cluster back that do not take part in it. The node that serves is never touched."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import add_tenant
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "recover"
HELP = "bring nodes of an HA tenant's cluster back"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenant, the node that is wrong, what is known of the other hosts, and the yes."""
    add_tenant(parser)
    parser.add_argument(
        "--node",
        choices=("sql_1", "sql_2"),
        default="",
        help="the database node that is wrong (default: found out; needed when two nodes serve)",
    )
    parser.add_argument("--others-are-off", action="store_true", help="the hosts that do not answer are switched off")
    parser.add_argument("--yes", action="store_true", help="do not ask before data of a node is discarded")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Run it at the Prefect server, or in place when there is none, ask when it asks, and follow it to its end."""
    from cutover.cli.runs.operation import operate

    parameters = {"node": options.node, "others_are_off": options.others_are_off, "approved": options.yes}
    return operate(NAME, options, output, parameters)
