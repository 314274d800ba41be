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


@dataclass(frozen=True, slots=True)
class Fault:
    """A way in which a backup can be wanting: its code, what it is called, what is to be done."""

    code: str
    what: str
    todo: str


_AGAIN = "do not restore it: make a new backup and drill that one"
_INTRUDER = "do not restore it: find out who wrote to the bucket, then make a new backup and drill that one"

EMPTY = Fault("CUT-733", "the backup holds an empty database", _AGAIN)
STRANGER = Fault("CUT-734", "the backup holds another tenant's database", _INTRUDER)
UNUSABLE = Fault("CUT-735", "the application cannot work with the restored database", _AGAIN)
DIFFERENT = Fault("CUT-736", "the restored database is not the one that was saved", _INTRUDER)
LOST = Fault(
    "CUT-737",
    "recordings of the backup are gone or changed",
    "find out who deletes objects in the bucket of the backups; a new backup copies what the tenant still has",
)
FAULTS = (EMPTY, STRANGER, UNUSABLE, DIFFERENT, LOST)
"""What a comparison can find, the gravest first."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: what it is about, what the backup promises and what was found; `fault` is what a failure is."""

    check: str
    expected: str
    found: str
    ok: bool
    fault: Fault = DIFFERENT


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
    failed: dict[Fault, list[Check]] = {}
    for check in checks:
        if not check.ok:
            failed.setdefault(check.fault, []).append(check)
    told = (EMPTY,) if EMPTY in failed else (fault for fault in FAULTS if fault in failed)
    return tuple(Finding(fault.code, fault.what, where, _why(failed[fault]), fault.todo) for fault in told)


def _equal(name: str, expected: str, found: str, fault: Fault = DIFFERENT) -> Check:
    return Check(name, expected, found, expected == found, fault)


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
