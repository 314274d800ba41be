"""Send a notification the way alarms are sent: from the Prefect server, to everybody in the file of notifications."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import tenants_folder
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "notify"
HELP = "try whether alarms reach people"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing beyond the shared options."""


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Send it and say whether it went out. Raises CutoverError when it did not."""
    from cutover.cli.server import scheduling
    from cutover.cli.server.home import home

    count = scheduling.try_notifications(home(), tenants_folder(options))
    output.say(f"sent to {count} address{'es' * (count != 1)}")
    output.document({"ok": True, "notified": count})
    return Exit.OK
