"""Take a command line of the tool that Cutover replaces: --action=ACTION --tenant=NAME."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from cutover.cli.arguments import Parser, Verb, nearest
from cutover.cli.exits import Exit
from cutover.cli.output import Output
from cutover.cli.verbs import backup, install, recover, restore, takeover, upgrade
from cutover.errors import CutoverError, Finding

NAME = "deploy"
HELP = "take the old tool's command lines (--action=install --tenant=NAME)"

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

CLUSTER: Mapping[str, tuple[Verb, tuple[str, ...]]] = {
    "pgsql_node_recovery_main": (recover, ("--node", "sql_1")),
    "pgsql_node_recovery_backup": (recover, ("--node", "sql_2")),
    "pgsql_node_takeover_main": (takeover, ("--part", "postgresql")),
    "redis_node_takeover_main": (takeover, ("--part", "redis")),
}
"""Actions on a cluster. Unlike the old tool's they look first, and refuse what would hurt."""

ACTIONS = (*VERBS, *CLUSTER, *PARTIAL)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the old tool's two options; both must be given, as it asked for."""
    parser.add_argument("--action", required=True, metavar="ACTION", help="what the old tool was told to do")
    parser.add_argument("--tenant", required=True, metavar="NAME", help="the tenant's folder")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Do what the old tool's action meant, or refuse it clearly."""
    refuse(options.action)
    if options.action in PARTIAL:
        return _carry_out(upgrade, options, output, "--component", options.action)
    if options.action in CLUSTER:
        verb, words = CLUSTER[options.action]
        return _carry_out(verb, options, output, *words)
    return _carry_out(VERBS[options.action], options, output)


def _carry_out(verb: Verb, options: argparse.Namespace, output: Output, *words: str) -> Exit:
    """Do what a verb does when it is given the tenant and these words."""
    parser = Parser(prog=f"cutover {verb.NAME}")
    verb.add_arguments(parser)
    return verb.run(parser.parse_args([options.tenant, *words], options), output)


def refuse(action: str) -> None:
    """Raise CutoverError (CUT-604) for an action that there is not."""
    where = f"--action={action}"
    if action not in ACTIONS:
        near = nearest(action, ACTIONS)
        todo = f"did you mean {near}?" if near else f"known are {', '.join(ACTIONS)}"
        raise CutoverError(Finding("CUT-604", "there is no such action", where, todo=todo))
