"""Waiting with a hard limit."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.lab.errors import LabError

GROWTH = 1.3
LONGEST_PAUSE = 1.0


def wait_for(what: str, probe: Callable[[], bool], limit: float, pause: float = 0.1) -> None:
    """
    Call `probe` until it returns True; raises LabError naming `what` after `limit` seconds.

    The longer it takes the longer are the pauses, up to a second: a probe may be a login, and others work meanwhile.
    """
    end = time.monotonic() + limit
    while not probe():
        if time.monotonic() > end:
            raise LabError(f"{what}: not within {limit:.0f} s")
        time.sleep(pause)
        pause = max(pause, min(pause * GROWTH, LONGEST_PAUSE))
