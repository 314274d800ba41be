"""Live calls: which components carry them, and how Asterisk is asked for their number."""

from __future__ import annotations

import re

CARRIERS = frozenset({"asterisk", "kamailio", "rtpengine"})
"""Components whose restart ends calls: the switch, the signalling of the agents' browsers, their media."""

SWITCH = "asterisk"
"""The component that knows every call; those of browsers pass through it too."""

COUNT = ("asterisk", "-rx", "core show calls")
"""Prints `2 active calls`, or `2 of 50 max active calls ( 4.00% of capacity)` where a limit is set."""

_ACTIVE = re.compile(r"^(\d+)(?: of \d+ max)? active calls?\b", re.MULTILINE)


def live_calls(printed: str) -> int | None:
    """Given what `COUNT` printed, return the number of live calls; None when it does not say."""
    found = _ACTIVE.search(printed)
    return int(found[1]) if found else None
