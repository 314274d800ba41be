"""A failed component's last words."""

from __future__ import annotations

import pytest

from cutover.hosts.journal import FIRST, LAST, last_words

EVENT = "2026-11-20 11:34:31.657064161 +0100 CET m=+0.050848487 container died db5ad (image=docker.io/omnileads/x)"


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("", ""),
        ("unit x failed\n\nTraceback:\n  line 3\n\n", "unit x failed\nTraceback:\n  line 3"),
        (f"gone\n{EVENT}\nx.service: Failed", "gone\nx.service: Failed"),
        ("2026-11-20 11:34:31 the component's own line", "2026-11-20 11:34:31 the component's own line"),
    ],
)
def test_empty_lines_and_podman_s_own_are_left_out(printed: str, kept: str) -> None:
    assert last_words(printed) == kept


def test_of_a_long_log_the_gate_s_look_and_the_end_are_kept() -> None:
    lines = [f"line {number}" for number in range(100)]
    kept = last_words("\n".join(lines)).splitlines()
    assert kept == [*lines[:FIRST], "…", *lines[-LAST:]]
