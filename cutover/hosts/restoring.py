"""What a restore reads and leaves on a host: its folders with what stands beside them, its journal, fresh folders."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import call, library, script, with_input

JOURNAL = "/var/lib/cutover/restore.json"
LIBRARY = "restore"
ASTERISK, REDIS = "asterisk", "redis"
_BESIDE = re.compile(r"(new|old)-(\d{14})")

EXCHANGING, DONE, UNDONE = "exchanging", "done", "undone"
"""What a journal says of its restore: it is under way or died, it was confirmed, or the old state is back."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The newest restore that exchanged anything: its stamp, how it stands, which backup, which run and when."""

    stamp: str
    phase: str
    backup: str = ""
    run: str = ""
    at: str = ""

    def content(self) -> bytes:
        """Return it as it is kept."""
        return json.dumps(asdict(self), indent=1).encode()


@dataclass(frozen=True, slots=True)
class Beside:
    """A folder that a restore has left beside the one in use: `kind` is "new" or "old", `size` in bytes."""

    folder: str
    kind: str
    stamp: str
    size: int

    @property
    def path(self) -> str:
        """Where it is."""
        return f"{self.folder}.{self.kind}-{self.stamp}"


@dataclass(frozen=True, slots=True)
class Found:
    """A host as a restore finds it: the folder of each kind, what stands beside them, and the journal."""

    folders: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[Beside, ...] = ()
    journal: Journal | None = None


def ask(custom: str, volume: str) -> str:
    """Return the script that looks at a host's folder of custom files and at Redis' volume, where it has them."""
    return script((LIBRARY,), [call("restore_look", custom, volume)])


def parse(stdout: str) -> Found:
    """Given what the script printed, return the host as a restore finds it."""
    folders: dict[str, str] = {}
    beside: list[Beside] = []
    journal = None
    for line in stdout.splitlines():
        match line.split("\t"):
            case ["folder", kind, path, _]:
                folders[kind] = path
            case ["beside", path, name, size] if found := _BESIDE.fullmatch(name):
                beside.append(Beside(path, found[1], found[2], int(size or 0)))
            case ["journal", encoded]:
                journal = parse_journal(b64decode(encoded))
    return Found(folders, tuple(beside), journal)


def parse_journal(content: bytes) -> Journal | None:
    """Return a journal, None when it cannot be read: then the databases' names alone tell."""
    try:
        read = json.loads(content)
        return Journal(**{key: str(read[key]) for key in ("stamp", "phase", "backup", "run", "at") if key in read})
    except (ValueError, TypeError):
        return None


def write_journal(journal: Journal, lease: Lease, path: str = JOURNAL) -> str:
    """Return the script that writes a journal."""
    line = with_input(call("put", path, "0600", "root", "root"), journal.content())
    return script(("lease", "converge"), ["set -e", *guard_lines(lease), line])


def remove(paths: Iterable[str], lease: Lease) -> str:
    """Return the script that removes folders which restores have put beside others."""
    lines = ["set -e", *guard_lines(lease), call("restore_remove", *paths)]
    return script(("lease", LIBRARY), lines)


def fresh_folder(folder: str, stamp: str, lease: Lease) -> str:
    """Return the script that makes the fresh folder, empty."""
    return script(("lease", LIBRARY), ["set -e", *guard_lines(lease), call("restore_fresh", folder, stamp)])


def unpack(folder: str, stamp: str) -> tuple[str, ...]:
    """Return the lines that make the fresh folder from a tar on standard input."""
    return library(LIBRARY), call("restore_unpack", folder, stamp)


def take_redis(folder: str, stamp: str) -> tuple[str, ...]:
    """Return the lines that make Redis' fresh folder from an RDB file on standard input."""
    return library(LIBRARY), call("restore_redis", folder, stamp)


def fetch_files(folder: str, stamp: str, mode: str) -> tuple[str, ...]:
    """Return the lines that make the fresh folder from the files that the file `wanted` names."""
    return library(LIBRARY), call("restore_files", folder, stamp, mode)


def wanted(files: Sequence[tuple[str, str]], folder: str, stamp: str, *, verify: bool) -> bytes:
    """
    Return the configuration of curl that fetches files: of each its URL, which is a secret, and its name.

    Raises ValueError for a name that would leave the folder.
    """
    lines = [] if verify else ["insecure"]
    for url, name in files:
        if name.startswith("/") or ".." in name.split("/"):
            raise ValueError(f"not a file's name below a folder: {name!r}")
        lines += [f"url = {_quoted(url)}", f"output = {_quoted(f'{folder}.new-{stamp}/{name}')}"]
    return ("\n".join(lines) + "\n").encode()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
