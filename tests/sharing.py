"""
Tests shared by several pytest processes, each with a lab of its own: a pytest plugin (`-p tests.sharing`).

Every process collects all files and takes the next one that no other has taken, so none stands idle while another has
files left. What is made once a session (a lab, a controller) is made once a process. A folder whose files share what is
made once a package is taken whole.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest

TAKEN = "CUTOVER_TESTS_TAKEN"
"""Names the folder in which the processes note what they have taken."""

WHOLE = ("pairs", "ui")
"""Folders that one process takes with all their files."""

FIRST = (
    "pairs",
    "test_faults",
    "test_upgrade",
    "ui",
    "test_install",
    "test_controller",
    "test_schedule",
    "test_demo",
    "test_postgresql_pair",
    "test_restore_faults",
    "test_cluster",
    "test_cluster_of_the_old_tool",
    "test_restore",
    "test_refusals",
    "test_secrets",
    "test_backup_faults",
    "test_fleet",
    "test_damage",
    "test_waves",
    "test_drill",
    "test_backup",
    "test_backup_ha",
    "test_adopt",
)
"""What takes more than a minute, the longest first: begun last, one of them would keep everybody waiting."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the files and folders that this process takes."""
    place = os.environ.get(TAKEN)
    if place is None or session.testsfailed:
        return None
    by_file = {file: list(tests) for file, tests in groupby(session.items, key=lambda item: taken_as(item.path))}
    files = in_order(list(by_file))
    for file in files:
        if _take(Path(place), file):
            _run(by_file[file], next((by_file[each][0] for each in files if _free(Path(place), each)), None))
        if session.shouldfail or session.shouldstop:
            break
    return True


def taken_as(file: Path) -> Path:
    """Return what a file's tests are taken with: the file, or its folder."""
    return file.parent if file.parent.name in WHOLE else file


def _run(tests: Sequence[pytest.Item], likely: pytest.Item | None) -> None:
    """Run what was taken; what `likely`, the test that may come after it, does not need is then torn down."""
    # the file before was followed by another one than was likely
    tests[0].session._setupstate.teardown_exact(tests[0])
    for item, following in zip(tests, (*tests[1:], likely), strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if item.session.shouldfail or item.session.shouldstop:
            break


def in_order(files: Sequence[Path]) -> list[Path]:
    """Return files and folders in the order in which they are taken."""
    rank = {name: number for number, name in enumerate(FIRST)}
    return sorted(files, key=lambda file: (rank.get(file.stem, len(rank)), str(file)))


def _take(place: Path, file: Path) -> bool:
    """Return whether a file was free, and take it."""
    try:
        os.close(os.open(_mark(place, file), os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def _free(place: Path, file: Path) -> bool:
    """Return whether nobody has taken a file yet."""
    return not _mark(place, file).exists()


def _mark(place: Path, file: Path) -> Path:
    return place / str(file).replace("/", "_")
