"""
The steps of runs as they begin, and a run that is held exactly where one of them begins.

Prefect logs the beginning of each task run, in the run's own process, and goes on when the line is written. A
logging configuration in Prefect's home, which is Prefect's own way to have one, brings these lines to a `Gate`: what
holds the line holds the run. The product knows nothing of it.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect.logging.configuration import DEFAULT_LOGGING_SETTINGS_PATH
from ruamel.yaml import YAML

from tests.lab.controller import Controller
from tests.lab.running import Running
from tests.lab.waiting import wait_for

BEGINS = re.compile(r"Renamed task run '.*' to '(.*)'")
"""A task run gets its own name when it begins to run."""

LONGEST = 300.0
"""Seconds that a run is held at most, and that it may take to come to the step where it is to be held."""


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


@contextmanager
def noted(controller: Controller) -> Iterator[None]:
    """Have the runs of a controller that begin meanwhile note their steps, where a `Watched` waits for them."""
    home = controller.home / "prefect"
    configuration: dict[str, Any] = YAML(typ="safe").load(DEFAULT_LOGGING_SETTINGS_PATH)
    gate = {"()": f"{Gate.__module__}.{Gate.__qualname__}", "folder": str(folder(controller))}
    configuration["handlers"]["gate"] = gate
    # the level at which a beginning is told is the gate's alone
    configuration["handlers"]["api"]["level"] = "INFO"
    configuration["loggers"]["prefect.task_runs"] = {"level": "DEBUG", "handlers": ["api", "gate"]}
    YAML(typ="safe").dump(configuration, home / "logging.yml")
    try:
        yield
    finally:
        (home / "logging.yml").unlink()


def folder(controller: Controller) -> Path:
    """Where the runs of a controller note their steps."""
    return controller.home / "steps"


class Watched:
    """An upgrade of a tenant that notes its steps, and is held at one of them."""

    def __init__(self, controller: Controller, tenant: str, hold: Step | None = None) -> None:
        self._place = folder(controller) / f"upgrade-{tenant}"
        self._place.mkdir(parents=True, exist_ok=True)
        for name in ("steps", "held", "hold"):
            (self._place / name).unlink(missing_ok=True)
        if hold:
            (self._place / "hold").write_text(hold.line)
        self.running = Running(controller.start("upgrade", tenant, "--yes", "--json"))

    def until_held(self) -> bool:
        """Wait until the run is held; return False when it ends before."""
        held = self._place / "held"
        wait_for("the step", lambda: held.exists() or self.running.over, LONGEST, 0.02)
        return held.exists()

    @property
    def process(self) -> int:
        """The process of the run that is held."""
        return int((self._place / "held").read_text())

    def release(self) -> None:
        """Let the run go on."""
        (self._place / "hold").unlink()

    def steps(self) -> list[Step]:
        """The steps that have begun, in their order."""
        return list(map(Step.of, (self._place / "steps").read_text().splitlines()))
