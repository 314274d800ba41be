from __future__ import annotations

import pytest

from cutover.products.omnileads.calls import live_calls


@pytest.mark.parametrize(
    ("printed", "calls"),
    [
        ("0 active calls\n12 calls processed\n", 0),
        ("1 active call\n13 calls processed\n", 1),
        ("3 of 50 max active calls ( 6.00% of capacity)\n9 calls processed\n", 3),
        ("Unable to connect to remote asterisk (does /var/run/asterisk/asterisk.ctl exist?)\n", None),
        ("", None),
    ],
)
def test_the_number_of_live_calls_is_read_from_what_asterisk_says(printed: str, calls: int | None) -> None:
    assert live_calls(printed) == calls
