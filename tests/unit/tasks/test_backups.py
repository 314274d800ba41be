"""What the Prefect UI says of a tenant's backups at a glance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cutover.amounts import bytes_in_words
from cutover.errors import Finding
from cutover.storage.catalogue import Backup, Origin
from cutover.storage.manifest import Proof
from tasks.backups import as_markdown, in_short
from tasks.throughput import rate_in_words

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MISSING = Finding("CUT-792", "an object is missing", "backup/x")


def backup(name: str, hours: float, *, complete: bool = True, proven: bool = False) -> Backup:
    at = NOW - timedelta(hours=hours)
    proof = None
    if proven:
        proof = Proof(
            backup=name, manifest="0", at=at, run="r", who="w", postgres="15", host="h", seconds=1, tables=1, rows=1
        )
    problems = () if complete else (MISSING,)
    return Backup(name, at, Origin.CUTOVER, 2_500_000, "1.26.0", complete=complete, problems=problems, proof=proof)


def test_without_a_complete_backup_that_is_what_is_said() -> None:
    assert in_short([], NOW) == "there is no complete backup"
    assert in_short([backup("half", 1, complete=False)], NOW) == "there is no complete backup"


def test_the_newest_complete_one_is_named_with_age_and_proof() -> None:
    found = [backup("half", 1, complete=False), backup("new", 5), backup("old", 100, proven=True)]
    assert in_short(found, NOW) == "newest: new, 5 h old, unproven; newest proven: old, 4 days old"
    assert in_short(found[:2], NOW) == "newest: new, 5 h old, unproven; none is proven"
    assert in_short([backup("new", 0.5, proven=True)], NOW).startswith(
        "newest: new, 30 min old, proven 2026-11-20 11:30"
    )


def test_an_incomplete_one_says_why() -> None:
    text = as_markdown("acme", [backup("half", 1, complete=False)], NOW)
    assert "| half | 60 min ago | 2.5 MB | 1.26.0 | **no**: an object is missing | unproven |" in text


def test_one_that_failed_its_last_drill_says_so_loudly() -> None:
    problem = Finding("CUT-799", "it failed its last drill", "new", fatal=False)
    failed = replace(backup("new", 1, proven=True), proof=None, problems=(problem,))
    assert in_short([failed], NOW) == "newest: new, 60 min old, **failed its last drill**; none is proven"


def test_amounts_are_said_in_words() -> None:
    assert [bytes_in_words(n) for n in (0, 999, 1000, 2_500_000, 17_940_000_000)] == [
        *("0 B", "999 B", "1 kB", "2.5 MB", "17.9 GB")
    ]
    assert rate_in_words(84_000_000, 2) == "42.0 MB/s"
