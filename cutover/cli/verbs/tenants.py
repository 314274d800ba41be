"""List the tenants of the folder. No host is contacted."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cutover.cli import inventories
from cutover.cli.arguments import tenants_folder
from cutover.cli.exits import Exit
from cutover.cli.output import Output, columns
from cutover.errors import CutoverError

NAME = "tenants"
HELP = "list the tenants"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the folder is a shared option."""


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Print a line per tenant; one that cannot be read is listed with the number of its findings."""
    from cutover.inventory import names

    folder = tenants_folder(options)
    rows = [_row(name, folder) for name in names(folder)]
    if rows:
        head = ("TENANT", "LAYOUT", "HOSTS", "RELEASE", "STATE")
        lines = [(row["name"], row["layout"], ", ".join(row["hosts"]), row["release"], row["state"]) for row in rows]
        if not output.machine:
            output.say(columns([head, *lines]))
    else:
        output.say(f"no tenants in {folder}")
    output.document({"ok": True, "folder": str(folder), "tenants": rows})
    return Exit.OK


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    return row["name"], row["layout"], ", ".join(row["hosts"]), row["release"], row["state"]


def _row(name: str, folder: Path) -> dict[str, Any]:
    try:
        tenant = inventories.one(name, folder)
    except CutoverError as error:
        count = len(error.findings)
        state = f"{count} finding{'s' * (count > 1)}: cutover check {name}"
        return {"name": name, "layout": "-", "hosts": [], "release": "-", "state": state}
    hosts = [host.name for host in tenant.hosts]
    return {
        "name": name,
        "layout": str(tenant.layout),
        "hosts": hosts,
        "release": tenant.release or "-",
        "state": f"{len(tenant.warnings)} warnings" if tenant.warnings else "ok",
    }
