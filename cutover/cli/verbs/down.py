"""Stop what `up` started: runs under way end first."""

from __future__ import annotations

import argparse

from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "down"
HELP = "stop the Prefect server and worker, after the runs under way"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the two other ways to stop."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--now", action="store_true", help="kill the runs under way; they end as Crashed")
    how.add_argument(
        "--drain",
        action="store_true",
        help="stop nothing: pause the pool and wait for this host's runs (systemd units)",
    )


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Drain and stop; says so when nothing ran."""
    from cutover.cli.server import controller
    from cutover.cli.server.home import home

    if options.drain:
        controller.drain(home())
        output.document({"ok": True, "stopped": []})
        return Exit.OK
    stopped = controller.down(home(), options.now, output.say)
    output.say(f"stopped: {', '.join(stopped)}" if stopped else "nothing runs")
    output.document({"ok": True, "stopped": stopped})
    return Exit.OK
