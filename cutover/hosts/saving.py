"""What a host gives to a backup: what it has for it, how much there is, and the commands that stream each part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cutover.hosts import reach
from cutover.hosts.script import call, script
from cutover.plan.desired import Reach

LIBRARY = "saving"
CHANGED = re.compile(r"^tar: (.*): (?:file changed as we read it|File removed before we read it)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Readiness:
    """
    How a host stands to a backup.

    `commands` are those that were asked for and are there, `weights` the bytes of each part that exists, `blocked` the
    addresses that could not be reached and why.
    """

    commands: frozenset[str]
    weights: Mapping[str, int]
    blocked: tuple[tuple[Reach, str], ...]


def ask(commands: Iterable[str], parts: Mapping[str, Iterable[str]], reaches: Iterable[Reach]) -> str:
    """Return the script that tells of a host's commands, of the weight of parts (paths by name) and of its reach."""
    lines = [f"{call('reach', each.address, each.port)} &" for each in reaches]
    lines += [call("has", *commands), *(call("weigh", name, *paths) for name, paths in parts.items()), "wait"]
    return script((LIBRARY, "reach"), lines)


def readiness(stdout: str, reaches: Iterable[Reach]) -> Readiness:
    """Given what the script printed, return how the host stands."""
    rows = [line.split("\t") for line in stdout.splitlines()]
    return Readiness(
        commands=frozenset(row[1] for row in rows if row[0] == "has"),
        weights={row[1]: int(row[2] or 0) for row in rows if row[0] == "weight"},
        blocked=tuple(reach.blocked(stdout, tuple(reaches))),
    )


def packed(directory: str, *paths: str) -> tuple[str, ...]:
    """
    Return the lines that stream those of some paths below a directory which exist, as a tar with numeric owners.

    Like all lines here they want the library `saving`.
    """
    return (call("pack", directory, *paths),)


def redis_image(container: str, address: str) -> tuple[str, ...]:
    """Return the lines that stream a Redis as it is at one moment (RDB)."""
    return (call("redis_image", container, address),)


def given(file: str) -> tuple[str, ...]:
    """Return the lines that stream a file which came with the job."""
    return (call("cat", file),)


def client_version(image: str) -> str:
    """Return the script that says which version PostgreSQL's tools in an image have."""
    return script(("image",), [call("image_says", "cutover-client-version", image, "pg_dump", "--version")])


def changed(log: str) -> list[str]:
    """Given what tar remarked, return the files that changed while it read them."""
    return CHANGED.findall(log)
