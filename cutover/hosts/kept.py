"""
What hosts ran before a change is kept, whole, so that a rollback needs nothing else.

A unit file names the digest of its image, so the former files are all there is to a former release, but for the
database, which the change that moved its schema has kept beside (`cutover.hosts.swap`). A folder by the change's stamp
holds them; it may hold secrets, and only root reads it.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import call, script, with_input

LIBRARIES = ("lease", "kept")
NEWEST = 5
"""How many changes a host can go back."""

JOURNAL = "/var/lib/cutover/change.json"
"""What says, on the deciding host, how the newest change stands."""


@dataclass(frozen=True, slots=True)
class Kept:
    """
    What a host can go back to: the change's stamp, what it was, and what ran before.

    `release` and `tags` (by component) ran before the change, `units` were started by it on this host, in their order;
    `schema` says that it moved the database's schema, whose former state is beside under the same stamp.
    """

    stamp: str
    operation: str
    release: str
    tags: Mapping[str, str] = field(default_factory=dict)
    units: tuple[str, ...] = ()
    schema: bool = False
    run: str = ""
    at: str = ""


def keep(about: Kept, paths: Iterable[str], lease: Lease) -> str:
    """Return the script that keeps a host's files as they are now; what is kept already stays."""
    content = json.dumps(asdict(about), indent=1, sort_keys=True).encode()
    kept = with_input(call("kept_keep", about.stamp, *paths), content)
    return script(LIBRARIES, ["set -e", *guard_lines(lease), kept])


def put_back(stamp: str, lease: Lease) -> str:
    """Return the script that puts the files back that were kept under a stamp; nothing is restarted."""
    return script(("lease", "kept"), ["set -e", *guard_lines(lease), call("kept_put_back", stamp)])


def ask() -> str:
    """Return the script that lists what a host can go back to."""
    return script(("kept",), ["kept_list"])


def paths_of(stamp: str) -> str:
    """Return the script that prints the paths that a change has touched."""
    return script(("kept",), [call("kept_paths", stamp)])


def ask_inputs(units: Iterable[str]) -> str:
    """Return the script that prints what units are to run with, by their files."""
    return script(("kept",), [call("kept_inputs", *units)])


def parse_inputs(stdout: str) -> dict[str, str]:
    """Given what the script printed, return the inputs by unit; a unit without a file is left out."""
    rows = (line.split("\t") for line in stdout.splitlines())
    return {fields[1]: fields[2] for fields in rows if len(fields) == 3 and fields[0] == "inputs"}


def forget(undone: Iterable[str], lease: Lease) -> str:
    """Return the script that removes what was kept under some stamps, and all but the newest."""
    lines = [call("kept_drop", *undone), call("kept_forget", NEWEST)]
    return script(LIBRARIES, ["set -e", *guard_lines(lease), *lines])


def parse(stdout: str) -> tuple[Kept, ...]:
    """Given what the script printed, return what a host can go back to, newest first; the unreadable is left out."""
    found = []
    for line in stdout.splitlines():
        match line.split("\t"):
            case ["kept", stamp, encoded]:
                found += _read(stamp, b64decode(encoded))
    return tuple(sorted(found, key=lambda each: each.stamp, reverse=True))


def _read(stamp: str, content: bytes) -> list[Kept]:
    try:
        read = json.loads(content)
        return [
            Kept(
                stamp,
                str(read["operation"]),
                str(read["release"]),
                {str(name): str(tag) for name, tag in read["tags"].items()},
                tuple(map(str, read["units"])),
                bool(read["schema"]),
                str(read["run"]),
                str(read["at"]),
            )
        ]
    except (ValueError, TypeError, KeyError, AttributeError):
        return []
