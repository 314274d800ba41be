"""Waiting with a hard limit."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.lab.errors import LabError


def wait_for(what: str, probe: Callable[[], bool], limit: float, pause: float = 0.1) -> None:
    """Call `probe` until it returns True; raises LabError naming `what` after `limit` seconds."""
    end = time.monotonic() + limit
    while not probe():
        if time.monotonic() > end:
            raise LabError(f"{what}: not within {limit:.0f} s")
        time.sleep(pause)
