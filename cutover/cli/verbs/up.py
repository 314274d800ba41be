"""Start a Prefect server and a worker in the background and register the flows; again adds what lacks."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from cutover.cli.arguments import tenants_folder
from cutover.cli.exits import Exit
from cutover.cli.output import Output

NAME = "up"
HELP = "start the Prefect server and worker, register the flows"

SHOWN = 8
"""So many tenants are named in one line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the port, and registration at a server that is there already."""
    parser.add_argument("--port", type=int, metavar="N", help="port on 127.0.0.1 (default: 4200)")
    parser.add_argument(
        "--register", action="store_true", help="start nothing: register at the server of PREFECT_API_URL"
    )


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Bring the controller up and say where the UI is."""
    from cutover.cli.server import controller
    from cutover.cli.server.home import home

    tenants = tenants_folder(options)
    if options.register:
        url = controller.register_elsewhere(home(), tenants)
        output.say(f"registered at {url}")
        output.document({"ok": True, "api": url, "unscheduled": _unscheduled(tenants, output)})
        return Exit.OK
    running = controller.up(home(), options.port, tenants, output.say)
    output.say(f"Prefect UI: {running.ui}")
    output.document({"ok": True, **asdict(running), "unscheduled": _unscheduled(tenants, output)})
    return Exit.OK


def _unscheduled(tenants: Path, output: Output) -> list[str]:
    """Return the tenants that nobody has scheduled backups of, and say who they are."""
    from cutover.cli.server.home import home
    from cutover.cli.server.scheduling import unscheduled

    found = unscheduled(home(), tenants)
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        output.say(f"no backups are scheduled of {', '.join(found[:SHOWN])}{more}: cutover schedule")
    return found
