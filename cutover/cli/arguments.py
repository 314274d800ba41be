"""The command line: a parser that reports like everything else does, and the options all verbs share."""

from __future__ import annotations

import argparse
import difflib
import os
import re
from pathlib import Path
from typing import NoReturn, Protocol

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
