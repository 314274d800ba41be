"""
Is a restored database the one that was saved? Pure: the manifest's census against a census of what was restored.

A backup is proven when every check holds. Checks that fail are told as few findings, the gravest first: a database
without a single row, another tenant's database, one that the application could not work with, one with other rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cutover.errors import Finding
from cutover.storage.manifest import Census

EMPTY = "CUT-733"
STRANGER = "CUT-734"
UNUSABLE = "CUT-735"
DIFFERENT = "CUT-736"
LOST = "CUT-737"
FAULTS = frozenset({EMPTY, STRANGER, UNUSABLE, DIFFERENT, LOST})
"""Codes of what a comparison can find."""

_WHAT = {
    EMPTY: "the backup holds an empty database",
    STRANGER: "the backup holds another tenant's database",
    UNUSABLE: "the application cannot work with the restored database",
    DIFFERENT: "the restored database is not the one that was saved",
    LOST: "recordings of the backup are gone or changed",
}
_TODO = {
    EMPTY: "do not restore it: make a new backup and drill that one",
    STRANGER: "do not restore it: find out who wrote to the bucket, then make a new backup and drill that one",
    UNUSABLE: "do not restore it: make a new backup and drill that one",
    DIFFERENT: "do not restore it: find out who wrote to the bucket, then make a new backup and drill that one",
    LOST: "find out who deletes objects in the bucket of the backups; a new backup copies what the tenant still has",
}
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: what it is about, what the backup promises and what was found; `code` tells what a failure is."""

    check: str
    expected: str
    found: str
    ok: bool
    code: str = DIFFERENT


def compare(saved: Census, found: Census) -> list[Check]:
    """Return the checks of a restored database against the census in its manifest: whose it is, calls, every table."""
    names = sorted({*saved.tables, *found.tables})
    missing = sorted(set(saved.extensions) - set(found.extensions))
    return [
        _equal("users' identity", saved.identity[:16], found.identity[:16], STRANGER),
        _equal("newest call", _moment(saved.newest_call), _moment(found.newest_call)),
        Check("extensions", ", ".join(sorted(saved.extensions)), _lacking(missing), not missing),
        *(_equal(f"rows of {name}", _rows(saved, name), _rows(found, name)) for name in names),
    ]


def application(required: Iterable[str], present: Collection[str], users: str, found: Census) -> list[Check]:
    """
    Return the checks that hold for any backup, with or without a manifest.

    `required` and `present` are objects as words; `users` is the table that must have rows.
    """
    needed = [
        Check(name, "there", "there" if name in present else "missing", name in present, UNUSABLE) for name in required
    ]
    accounts = found.tables.get(users, 0)
    return [
        Check("rows of all tables", "more than 0", str(found.rows), found.rows > 0, EMPTY),
        *needed,
        Check(f"accounts in {users}", "more than 0", str(accounts), accounts > 0, UNUSABLE),
    ]


def findings(checks: Iterable[Check], where: str) -> tuple[Finding, ...]:
    """Return what the failed checks mean, one finding a kind; an empty database is told as that and nothing else."""
    failed: dict[str, list[Check]] = {}
    for check in checks:
        if not check.ok:
            failed.setdefault(check.code, []).append(check)
    order = (EMPTY,) if EMPTY in failed else (STRANGER, UNUSABLE, DIFFERENT, LOST)
    return tuple(Finding(code, _WHAT[code], where, _why(failed[code]), _TODO[code]) for code in order if code in failed)


def _equal(name: str, expected: str, found: str, code: str = DIFFERENT) -> Check:
    return Check(name, expected, found, expected == found, code)


def _rows(census: Census, name: str) -> str:
    return str(census.tables[name]) if name in census.tables else "no such table"


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else "none"


def _lacking(missing: Collection[str]) -> str:
    return f"without {', '.join(missing)}" if missing else "all of them"


def _why(failed: list[Check]) -> str:
    told = [f"{check.check}: {check.found} instead of {check.expected}" for check in failed[:_SHOWN]]
    more = [f"and {len(failed) - _SHOWN} more"] if len(failed) > _SHOWN else []
    return "; ".join([*told, *more])
