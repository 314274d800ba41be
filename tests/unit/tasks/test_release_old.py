"""When what a restore has put aside is let go by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tasks.release_old import Former, expired

NOW = datetime(2026, 11, 20, 2, 15, 3, tzinfo=UTC)


def former(days: float) -> Former:
    return Former(f"{NOW - timedelta(days=days):%Y%m%d%H%M%S}", 10, {})


def test_what_was_put_aside_longer_ago_than_it_is_kept_goes() -> None:
    young, old = former(13.9), former(14.1)
    assert expired([old, young], 14, NOW) == (old,)


def test_a_former_state_says_what_it_is() -> None:
    assert str(former(1)) == "a database from before the change of 2026-11-19 02:15 UTC"
