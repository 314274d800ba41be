"""Where the parts of a backup go when it is restored: onto the same hosts, or onto those of another layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cutover.errors import Finding

OLD_CUSTOM = "etc-custom/"
"""Where later images of Asterisk put the operator's files; what lies beside it belongs elsewhere in the image."""

OLD_FOLDERS = (OLD_CUSTOM, "agi-bin/", "sounds-oml/", "moh-oml/")


@dataclass(frozen=True, slots=True)
class Placing:
    """Which saved host's part each host gets, and what an operator should know of that."""

    sources: Mapping[str, str]
    findings: tuple[Finding, ...]


def placing(what: str, saved: Sequence[str], targets: Sequence[str]) -> Placing:
    """
    Given the hosts that a part was saved from and those that run its component now, return who gets which.

    A host gets its own part; where names differ, as they do between layouts, the first saved one stands for all.
    """
    if not saved:
        return Placing({}, ())
    sources = {target: target if target in saved else saved[0] for target in targets}
    foreign = {target: source for target, source in sources.items() if target != source}
    unused = [source for source in saved if source not in sources.values()]
    findings = [
        Finding("CUT-765", f"the {what} come from {source}", target, "it has another name in the backup", fatal=False)
        for target, source in foreign.items()
    ]
    findings += [
        Finding("CUT-765", f"the {what} of {source} are not restored", source, "no host is left for them", fatal=False)
        for source in unused
    ]
    return Placing(sources, tuple(findings))


def old_files(names: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """
    Given the names of the old tool's files below its prefix, return file names below /etc/asterisk/custom by those
    names, and what is left aside because it belongs into the image, not there.
    """
    names = sorted(name for name in names if not name.endswith("/"))
    if not any(name.startswith(OLD_FOLDERS) for name in names):
        return {name: name for name in names}, []
    wanted = {name: name.removeprefix(OLD_CUSTOM) for name in names if name.startswith(OLD_CUSTOM)}
    return wanted, [name for name in names if name not in wanted]
