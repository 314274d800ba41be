from __future__ import annotations

from datetime import timedelta

import pytest

from cutover.amounts import age_in_words, bytes_in_words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (812_400, "812 kB"),
        (3_400_000, "3.4 MB"),
        (17_900_000_000, "17.9 GB"),
        (2.5e12, "2.5 TB"),
    ],
)
def test_bytes_are_said_with_the_unit_that_fits(count: float, words: str) -> None:
    assert bytes_in_words(count) == words


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=900), "900 days"),
    ],
)
def test_an_age_is_said_with_the_unit_that_fits(age: timedelta, words: str) -> None:
    assert age_in_words(age) == words
