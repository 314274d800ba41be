"""Entry point of the `cutover` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cutover.cli import exits
from cutover.cli.arguments import Parser, Verb, add_shared
from cutover.cli.exits import Exit
from cutover.cli.output import Output
from cutover.cli.verbs import (
    adopt,
    backup,
    backups,
    check,
    deploy,
    down,
    drift,
    drill,
    install,
    notify,
    password,
    plan,
    prune,
    recover,
    release_old,
    restart,
    restore,
    rollback,
    schedule,
    status,
    takeover,
    tenants,
    trust,
    up,
    upgrade,
    watch,
)
from cutover.errors import CutoverError

VERBS: tuple[Verb, ...] = (
    tenants,
    check,
    trust,
    plan,
    install,
    adopt,
    upgrade,
    rollback,
    restart,
    status,
    recover,
    takeover,
    watch,
    drift,
    backup,
    backups,
    drill,
    restore,
    release_old,
    prune,
    schedule,
    notify,
    up,
    down,
    password,
    deploy,
)

EPILOG = """\
exit codes:
  0  done, or nothing to do            4  another operation holds the tenant
  1  the run failed or was cancelled   5  a component does not answer, a backup is late
  2  wrong command line or inventory   6  Prefect's server or worker cannot be used
  3  host unreachable, or refused by preflight: nothing was changed
"""


class _Version(argparse.Action):
    """Reads the version only when it is asked for: the package metadata is slow to open."""

    def __call__(self, parser: argparse.ArgumentParser, *unused: object) -> None:
        from importlib.metadata import version

        print("cutover", version("cutover"))
        parser.exit()


def parser() -> Parser:
    """Return the parser of the whole command line."""
    top = Parser(
        prog="cutover",
        description="Telephony platforms on Linux hosts: install, look after, see it in Prefect.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show the version and leave")
    verbs = top.add_subparsers(dest="verb", metavar="COMMAND", required=True)
    for verb in VERBS:
        sub = verbs.add_parser(verb.NAME, help=verb.HELP, description=verb.__doc__)
        add_shared(sub)
        verb.add_arguments(sub)
        sub.set_defaults(run=verb.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code (`cutover.cli.exits.Exit`)."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    output = Output(machine="--json" in words)
    try:
        options = parser().parse_args(words)
        return int(options.run(options, output))
    except CutoverError as error:
        code = exits.of_error(error)
        output.error(error, code)
        return code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
