"""What a unit said before it failed, as far as it is worth reading."""

from __future__ import annotations

import re

FIRST, LAST = 4, 30
"""How many lines of it are kept: of what the gate saw, which comes first, and of the log, which ends it."""

_PODMAN = re.compile(r"\d{4}-\d\d-\d\d [\d:.]+ [+-]\d{4} \S+ m=\S+ (container|image|volume) ")


def last_words(text: str) -> str:
    """
    Given what a failed start printed, the gate's last look and then the unit's log, return it in short.

    Empty lines and podman's own account of its containers, with all their labels, are left out; a long rest is cut
    in its middle.
    """
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and not _PODMAN.match(line)]
    if len(lines) > FIRST + LAST:
        lines = [*lines[:FIRST], "…", *lines[-LAST:]]
    return "\n".join(lines)
