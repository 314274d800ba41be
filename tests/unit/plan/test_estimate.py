"""What a restore will take."""

from __future__ import annotations

import pytest

from cutover.plan.estimate import KEPT, LOADING, MARGIN, Measured, estimate, in_words, needed_alone

GB = 10**9


def test_what_was_measured_counts_more_than_what_is_customary() -> None:
    guessed = estimate(10 * GB, GB, 0, Measured(), safety=False)
    measured = estimate(10 * GB, GB, 0, Measured(load=(GB, 10.0)), safety=False)
    assert guessed.beside == 10 * GB / LOADING
    assert measured.beside == 100.0
    assert (guessed.measured, measured.measured) == (False, True)


def test_the_safety_backup_is_part_of_the_outage_and_loading_is_not() -> None:
    with_safety = estimate(GB, GB, 8 * GB, Measured(save=(GB, 10.0)), safety=True)
    without = estimate(GB, GB, 8 * GB, Measured(save=(GB, 10.0)), safety=False)
    assert with_safety.outage - without.outage == 80.0
    assert with_safety.beside == without.beside


def test_more_space_is_asked_for_than_the_database_had() -> None:
    assert estimate(GB, 0, 0, Measured(), safety=False).needed == 1.2 * GB + MARGIN


@pytest.mark.parametrize(("database", "more"), [(GB, GB), (100 * GB, KEPT)])
def test_a_primary_without_its_standby_keeps_what_is_loaded_in_its_log_as_well(database: int, more: int) -> None:
    measured = estimate(database, 0, 0, Measured(), safety=False)
    assert needed_alone(measured) == measured.needed + more


@pytest.mark.parametrize(
    ("seconds", "words"), [(3, "about a minute"), (61, "2 minutes"), (3540, "59 minutes"), (7500, "2 h 05 min")]
)
def test_times_are_told_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
