"""Take a command line of the tool that Cutover replaces: --action=ACTION --tenant=NAME."""

from __future__ import annotations

import argparse

from cutover.cli.arguments import nearest
from cutover.cli.exits import Exit
from cutover.cli.output import Output
from cutover.cli.verbs import backup, install, restore, upgrade
from cutover.errors import CutoverError, Finding

NAME = "deploy"
HELP = "take the old tool's command lines (--action=install --tenant=NAME)"

NOT_YET = {
    "pgsql_node_recovery_main": "putting the main PostgreSQL node back into its cluster",
    "pgsql_node_takeover_main": "giving the main PostgreSQL node its role back",
    "pgsql_node_recovery_backup": "putting the backup PostgreSQL node back into its cluster",
    "redis_node_takeover_main": "giving the main Redis node its role back",
}
"""Actions of the old tool that are recognised but not offered, with what they are for."""

PARTIAL = (
    "app",
    "voice",
    "postgres",
    "observability",
    "haproxy",
    "cron",
    "minio",
    "redis",
    "keepalived",
    "kamailio",
    "rtpengine",
    "asterisk",
    "sentinel",
)
"""Actions that installed one component or one group of them."""

OFFERED = ("install", "upgrade", "backup", "restore")
"""Actions that are done as the old tool's operators know them; `restore_file_timestamp` names the backup."""

ACTIONS = (*OFFERED, *NOT_YET, *PARTIAL)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the old tool's two options; both must be given, as it asked for."""
    parser.add_argument("--action", required=True, metavar="ACTION", help="what the old tool was told to do")
    parser.add_argument("--tenant", required=True, metavar="NAME", help="the tenant's folder")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Do what the old tool's action meant, or refuse it clearly."""
    refuse(options.action, options.tenant)
    if options.action == "backup":
        options.all, options.at_once, options.stop_after = False, None, None
        return backup.run(options, output)
    if options.action == "restore":
        options.backup, options.yes = "", False
        return restore.run(options, output)
    if options.action == "upgrade":
        options.yes = False
        return upgrade.run(options, output)
    return install.run(options, output)


def refuse(action: str, tenant: str) -> None:
    """Raise CutoverError for every action that is not offered: CUT-603 known, CUT-604 unknown."""
    where = f"--action={action}"
    if action in NOT_YET:
        what = f"Cutover does not offer {NOT_YET[action]} yet"
        raise CutoverError(Finding("CUT-603", what, where, todo="nothing was changed"))
    if action in PARTIAL:
        what = "Cutover does not install single components"
        todo = f"cutover install {tenant} changes and restarts only what differs from the inventory"
        raise CutoverError(Finding("CUT-603", what, where, todo=todo))
    if action not in OFFERED:
        near = nearest(action, ACTIONS)
        todo = f"did you mean {near}?" if near else f"known are {', '.join(ACTIONS)}"
        raise CutoverError(Finding("CUT-604", "there is no such action", where, todo=todo))
