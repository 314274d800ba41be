"""What stands in files of a host."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable

from cutover.hosts.script import call, script


def ask(paths: Iterable[str]) -> str:
    """Return the script that prints files, each on a line; what is not there is left out."""
    return script(("contents",), [call("contents", *paths)])


def parse(stdout: str) -> dict[str, bytes]:
    """Given what the script printed, return the files' contents by path."""
    rows = (line.split("\t") for line in stdout.splitlines())
    return {fields[1]: b64decode(fields[2]) for fields in rows if len(fields) == 3 and fields[0] == "content"}
