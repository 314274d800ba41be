"""Scripts for a host: our shell functions, called with quoted arguments, sent over standard input."""

from __future__ import annotations

import shlex
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from importlib.resources import files


@cache
def library(name: str) -> str:
    """Return the shell functions of `remote/<name>.sh`."""
    return (files("cutover.hosts") / "remote" / f"{name}.sh").read_text()


def call(function: str, *arguments: object) -> str:
    """Return one line that calls a shell function with every argument quoted."""
    return shlex.join([function, *(str(argument) for argument in arguments)])


def array(name: str, values: Iterable[str]) -> str:
    """Return the line that sets a shell array."""
    return f"{name}=({shlex.join(values)})"


def with_input(line: str, content: bytes) -> str:
    """Return the call `line` with `content` on its standard input as base64."""
    return f"{line} <<'CUTOVER'\n{b64encode(content).decode()}\nCUTOVER"


def script(libraries: Iterable[str], lines: Iterable[str]) -> str:
    """
    Return a whole script for `bash -s`.

    The body stands in one block, so that bash has read all of it before a command inside could read standard input.
    """
    body = "\n".join(lines)
    return "\n".join([*map(library, libraries), "{", body, "exit", "} </dev/null", ""])
