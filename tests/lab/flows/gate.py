"""
The steps of a run as they begin, and a run that is held exactly where one of them begins.

Prefect logs the beginning of each task run, in the run's own process, and goes on when the line is written. A logging
configuration in Prefect's home, which is Prefect's own way to have one, brings these lines to a `Gate`: what holds the
line holds the run. The product knows nothing of it.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

BEGINS = re.compile(r"Renamed task run '.*' to '(.*)'")
"""A task run gets its own name when it begins to run."""

LONGEST = 300.0
"""Seconds that a run is held at most."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run: its name, and which of that name it is, from 1."""

    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.name} ({self.number})" if self.number > 1 else self.name

    @property
    def line(self) -> str:
        """The step in a file."""
        return f"{self.number}\t{self.name}"

    @classmethod
    def of(cls, line: str) -> Step:
        """Return the step of a line."""
        number, _, name = line.partition("\t")
        return cls(name, int(number))


class Gate(logging.Handler):
    """Notes the steps of a run in a file, and holds the run at the step that the file beside it names."""

    def __init__(self, folder: str) -> None:
        super().__init__(logging.DEBUG)
        self._folder = Path(folder)
        self._begun: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Write down what begins; return when the run may go on."""
        run = str(getattr(record, "flow_run_name", ""))
        place = self._folder / run.replace(" ", "-")
        if not place.is_dir():
            return
        if begins := BEGINS.match(record.getMessage()):
            self._begun[begins[1]] += 1
            step = Step(begins[1], self._begun[begins[1]])
            with (place / "steps").open("a") as file:
                file.write(f"{step.line}\n")
            _hold(place, step)


def _hold(place: Path, step: Step) -> None:
    wanted, end = place / "hold", time.monotonic() + LONGEST
    if wanted.exists() and wanted.read_text() == step.line:
        (place / "held").write_text(str(os.getpid()))
        while wanted.exists() and time.monotonic() < end:
            time.sleep(0.005)
