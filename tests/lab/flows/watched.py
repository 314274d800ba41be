"""Upgrades whose steps are known while they go on, and that are held at one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prefect.logging.configuration import DEFAULT_LOGGING_SETTINGS_PATH
from ruamel.yaml import YAML

from tests.lab.controller import Controller
from tests.lab.flows.gate import Gate, Step
from tests.lab.flows.in_the_ui import StartedRun
from tests.lab.waiting import wait_for

LONGEST = 300.0
"""Seconds that an upgrade may take to come to a step."""


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
        self.run = StartedRun("upgrade", tenant, approved=True)

    def until_held(self) -> bool:
        """Wait until the run is held; return False when it ends before."""
        held = self._place / "held"
        wait_for("the step", lambda: held.exists() or self.run.over, LONGEST, 0.05)
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
