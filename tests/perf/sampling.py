"""Measuring several things in turn, so that a machine whose speed drifts treats them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter


def seconds(act: Callable[[], object]) -> float:
    """Return how long a call took: by the clock, or as it says itself when it returns seconds."""
    begun = perf_counter()
    said = act()
    return said if isinstance(said, float) else perf_counter() - begun


def interleaved(acts: Mapping[str, Callable[[], object]], runs: int, *, warm_up: bool = True) -> dict[str, list[float]]:
    """Do everything `runs` times in turn, once more at first unless `warm_up` is False; return the seconds of each."""
    for act in acts.values() if warm_up else ():
        act()
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(runs):
        for name, act in acts.items():
            taken[name].append(seconds(act))
    return taken


def line(name: str, taken: list[float]) -> str:
    """Return one line: the median, and the fastest and slowest run."""
    return f"  {name:<58} {median(taken):6.2f} s   ({min(taken):.2f} to {max(taken):.2f})"
