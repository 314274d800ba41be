"""What a long piece of work says while it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

EVERY = 10.0
"""Seconds after which a step that is still going on says so again."""


class Narrator:
    """Prints plain lines, each with the seconds since the narrator was made."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._detail = ""

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def say(self, text: str) -> None:
        """Print one line."""
        print(f"[{self.seconds:4.0f} s] {text}", flush=True)

    def detail(self, text: str) -> None:
        """Note what the present step is at; it is printed when the step takes long."""
        self._detail = text

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        """Say what begins, every ten seconds what it is at, and when it was done after more than a second."""
        self.say(what)
        self.detail("")
        began = time.monotonic()
        over = threading.Event()
        clock = threading.Thread(target=self._repeat, args=(over,), daemon=True)
        clock.start()
        try:
            yield
        finally:
            over.set()
            clock.join()
        if (took := time.monotonic() - began) > 1:
            self.say(f"  done in {took:.0f} s")

    def _repeat(self, over: threading.Event) -> None:
        while not over.wait(EVERY):
            self.say(f"  {self._detail or 'still at it'}")
