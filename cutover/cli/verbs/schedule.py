"""
Write the timetable of all tenants' backups, drills and prunings to the Prefect server, from the inventories.

Again it changes what the inventories have changed. Alarms on late and failed backups are part of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from cutover.cli.arguments import tenants_folder
from cutover.cli.exits import Exit, of_findings
from cutover.cli.output import Output, as_data, columns

if TYPE_CHECKING:
    from cutover.cli.server.schedules import Row

NAME = "schedule"
HELP = "schedule backups, drills and prunings of all tenants"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the way back."""
    parser.add_argument("--remove", action="store_true", help="take all schedules and alarms away")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Do it and say what was created, changed and removed. Inventories with errors leave what they had as it is."""
    from cutover.cli.server import scheduling
    from cutover.cli.server.home import home

    folder = tenants_folder(options)
    if options.remove:
        rows = scheduling.remove(home(), folder)
        _say(rows, output)
        output.document({"ok": True, "schedules": [asdict(row) for row in rows], "findings": []})
        return Exit.OK
    done = scheduling.write(home(), folder)
    _say(done.rows, output)
    if not done.told:
        output.say(f"nobody is told of late and failed backups: there is nobody in {done.notifications}")
    output.findings(done.findings)
    code = of_findings(done.findings)
    rows = done.rows
    document = {"ok": code is Exit.OK, "exit": code, "schedules": [asdict(row) for row in rows]}
    output.document(document | {"notified": done.told, "findings": as_data(done.findings)})
    return code


def _say(rows: Iterable[Row], output: Output) -> None:
    shown = list(rows)
    moved = [row for row in shown if row.done != "unchanged" or row.paused or row.by_hand]
    if moved:
        output.say(columns((row.name, row.when, _remark(row)) for row in moved))
    same = sum(row.done == "unchanged" for row in shown)
    output.say(f"{same} unchanged" if same else "" if moved else "nothing is scheduled")


def _remark(row: Row) -> str:
    remarks = [row.done, "as set in the UI" if row.by_hand else "", "paused" if row.paused else ""]
    return ", ".join(filter(None, remarks))
