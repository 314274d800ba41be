"""The command line: a parser that reports like everything else does, and the options all verbs share."""

from __future__ import annotations

import argparse
import difflib
import os
import re
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn, Protocol

from cutover.cli.exits import Exit
from cutover.cli.output import Output
from cutover.errors import CutoverError, Finding


class Verb(Protocol):
    """What each file in `cutover/cli/verbs` holds."""

    NAME: str
    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this verb takes beyond the shared options."""

    def run(self, options: argparse.Namespace, output: Output) -> Exit:
        """Do it. Raises CutoverError with everything that is wrong."""


class Parser(argparse.ArgumentParser):
    """An argparse parser whose complaints are findings, with the nearest word that would have been right."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong with the command line."""
        raise CutoverError(
            Finding("CUT-601", "the command line is wrong", self.prog, message, _advice(message, self.prog))
        )


def _advice(message: str, program: str) -> str:
    given = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
    if given:
        near = nearest(given[1], re.findall(r"[\w-]+", given[2]))
        if near:
            return f"did you mean {near}?"
    return f"see {program} --help"


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """Return the known word most like `word`, or an empty text when none is."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return found[0] if found else ""


def add_tenant_or_all(parser: argparse.ArgumentParser) -> None:
    """Add the tenant, or --all in its place."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("tenant", metavar="TENANT", nargs="?", help="name of a folder in the folder of tenants")
    which.add_argument("--all", action="store_true", help="all tenants of the folder, in one run")
    parser.add_argument(
        "--only",
        action="append",
        metavar="PATTERN",
        help="with --all: only tenants whose names match, e.g. 'eu-*' (may be given several times)",
    )


def add_limits(parser: argparse.ArgumentParser, *, stop_after: int) -> None:
    """Add what bounds a run over all tenants; `stop_after` is the default that the flow has."""
    parser.add_argument("--at-once", metavar="N", type=int, help="with --all: so many tenants at the same time (5)")
    parser.add_argument(
        "--stop-after", metavar="N", type=int, help=f"with --all: begin no more after N failures ({stop_after})"
    )


def limits_of(options: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Return those options of a run over all tenants that are given."""
    return {name: value for name in names if (value := getattr(options, name)) is not None}


def refuse_limits(verb: str, given: Collection[str]) -> None:
    """Raise CutoverError (CUT-601) when options of a run over all tenants are given for one tenant."""
    if given:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        what, why = "the command line is wrong", f"only with --all: {names}"
        raise CutoverError(Finding("CUT-601", what, f"cutover {verb}", why, f"see cutover {verb} --help"))


def add_components(parser: argparse.ArgumentParser) -> None:
    """Add --component, for what can be done to some of a tenant's components."""
    parser.add_argument(
        "--component",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one, or a part such as app or voice, on every host (may be given several times)",
    )


def selected(patterns: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the tenants whose names match one of some patterns; raises CutoverError (CUT-609) when none does."""
    idle = [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in known)]
    if idle:
        what, todo = "no tenant has such a name", "see `cutover tenants`; put a pattern in quotes: --only 'eu-*'"
        raise CutoverError(Finding("CUT-609", what, f"--only {' --only '.join(idle)}", todo=todo))
    return [name for name in known if any(fnmatchcase(name, pattern) for pattern in patterns)]


def add_cut_calls(parser: argparse.ArgumentParser) -> None:
    """Add --cut-calls, for whatever may restart the components that carry calls."""
    parser.add_argument("--cut-calls", action="store_true", help="do not mind live calls, whatever the inventory says")


def add_shared(parser: argparse.ArgumentParser) -> None:
    """Add --json and --tenants, which every verb has."""
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout, everything else on stderr")
    parser.add_argument(
        "--tenants",
        metavar="DIR",
        type=Path,
        help="folder of tenants (default: $CUTOVER_TENANTS, else tenants/)",
    )


def add_tenant(parser: argparse.ArgumentParser) -> None:
    """Add the one tenant a verb works on."""
    parser.add_argument("tenant", metavar="TENANT", help="name of a folder in the folder of tenants")


def tenants_folder(options: argparse.Namespace) -> Path:
    """
    Return the folder of tenants and make it known to everything this process starts.

    Raises CutoverError (CUT-602) when it is not there.
    """
    from cutover.cli.server.home import root

    given: Path | None = options.tenants
    folder = Path(given or os.environ.get("CUTOVER_TENANTS") or root() / "tenants").absolute()
    if not folder.is_dir():
        what = "the folder of tenants does not exist"
        raise CutoverError(Finding("CUT-602", what, str(folder), todo="give --tenants DIR or set CUTOVER_TENANTS"))
    os.environ["CUTOVER_TENANTS"] = str(folder)
    return folder
