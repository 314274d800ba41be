"""
Tests shared by several pytest processes, each with a lab of its own: a pytest plugin (`-p tests.sharing`).

Every process collects all files and takes the next one that no other has taken, so none stands idle while another has
files left. What is made once a session (a lab, a controller) is made once a process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pytest

TAKEN = "CUTOVER_TESTS_TAKEN"
"""Names the folder in which the processes note what they have taken."""

FIRST = (
    "test_upgrade_faults",
    "test_cluster",
    "test_pairs",
    "test_postgresql_pair",
    "test_upgrade",
    "test_faults",
    "test_restore_faults",
    "test_restore",
    "test_backup_faults",
    "test_install",
    "test_fleet",
    "test_demo",
    "test_backup",
    "test_backup_ha",
    "test_adopt",
    "test_drill",
    "test_secrets",
    "test_schedule",
    "test_runs",
)
"""Files that take more than a minute, the longest first: begun last, one of them would keep everybody waiting."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the files that this process takes."""
    place = os.environ.get(TAKEN)
    if place is None or session.testsfailed:
        return None
    following = _items(session.items, Path(place))
    item = next(following, None)
    while item is not None:
        after = next(following, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        if session.shouldfail or session.shouldstop:
            break
        item = after
    return True


def in_order(files: Sequence[Path]) -> list[Path]:
    """Return files in the order in which they are taken."""
    rank = {name: number for number, name in enumerate(FIRST)}
    return sorted(files, key=lambda file: (rank.get(file.stem, len(rank)), str(file)))


def _items(items: Sequence[pytest.Item], place: Path) -> Iterator[pytest.Item]:
    """Yield the tests of one file after the other; a file is taken when the last test of the one before begins."""
    by_file = {file: list(tests) for file, tests in groupby(items, key=lambda item: item.path)}
    for file in in_order(list(by_file)):
        if _take(place, file):
            yield from by_file[file]


def _take(place: Path, file: Path) -> bool:
    """Return whether a file was free, and take it."""
    try:
        os.close(os.open(place / str(file).replace("/", "_"), os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
