"""Take a command line of the tool that Cutover replaces: --action=ACTION --tenant=NAME."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from cutover.cli.arguments import Parser, Verb, nearest
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
"""Actions that installed one component or one group of them: here they upgrade it, with a way back."""

VERBS: Mapping[str, Verb] = {"install": install, "upgrade": upgrade, "backup": backup, "restore": restore}
"""Actions that are done as the old tool's operators know them; `restore_file_timestamp` names the backup."""

ACTIONS = (*VERBS, *NOT_YET, *PARTIAL)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the old tool's two options; both must be given, as it asked for."""
    parser.add_argument("--action", required=True, metavar="ACTION", help="what the old tool was told to do")
    parser.add_argument("--tenant", required=True, metavar="NAME", help="the tenant's folder")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Do what the old tool's action meant, or refuse it clearly."""
    refuse(options.action)
    if options.action in PARTIAL:
        return _carry_out(upgrade, options, output, "--component", options.action)
    return _carry_out(VERBS[options.action], options, output)


def _carry_out(verb: Verb, options: argparse.Namespace, output: Output, *words: str) -> Exit:
    """Do what a verb does when it is given the tenant and these words."""
    parser = Parser(prog=f"cutover {verb.NAME}")
    verb.add_arguments(parser)
    return verb.run(parser.parse_args([options.tenant, *words], options), output)


def refuse(action: str) -> None:
    """Raise CutoverError for every action that is not offered: CUT-603 known, CUT-604 unknown."""
    where = f"--action={action}"
    if action in NOT_YET:
        what = f"Cutover does not offer {NOT_YET[action]} yet"
        raise CutoverError(Finding("CUT-603", what, where, todo="nothing was changed"))
    if action not in ACTIONS:
        near = nearest(action, ACTIONS)
        todo = f"did you mean {near}?" if near else f"known are {', '.join(ACTIONS)}"
        raise CutoverError(Finding("CUT-604", "there is no such action", where, todo=todo))
