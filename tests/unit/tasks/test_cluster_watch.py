from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tasks.cluster_watch import news

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def told(hours: int, *troubles: str) -> dict[str, Any]:
    return {"troubles": list(troubles), "at": (NOW - timedelta(hours=hours)).isoformat()}


@pytest.mark.parametrize(
    ("troubles", "before", "expected"),
    [
        ([], {}, False),
        ([], told(1, "sql_1: is stopped"), False),
        (["sql_1: is stopped"], {}, True),
        (["sql_1: is stopped"], told(1), True),
        (["sql_1: is stopped"], told(1, "sql_1: is stopped"), False),
        (["sql_1: is stopped"], told(1, "sql_1: is stopped", "app_2: does not answer"), False),
        (["sql_1: is stopped", "app_2: does not answer"], told(1, "sql_1: is stopped"), True),
        (["sql_1: is stopped"], told(24, "sql_1: is stopped"), True),
    ],
)
def test_a_loss_is_told_when_it_is_new_and_once_a_day_as_long_as_it_lasts(
    troubles: list[str], before: dict[str, Any], expected: bool
) -> None:
    assert news(troubles, before, NOW) is expected
