"""Bytes and times as people say them."""

from __future__ import annotations

from datetime import timedelta

_UNITS = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6))


def bytes_in_words(count: float) -> str:
    """Return a number of bytes for people: "812 kB", "3.4 MB", "17.9 GB"."""
    for unit, size in _UNITS:
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1000:.0f} kB" if count >= 1000 else f"{count:.0f} B"


def age_in_words(age: timedelta) -> str:
    """Return how long ago something was: "12 min", "7 h", "3 days"."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return f"{max(minutes, 0)} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
