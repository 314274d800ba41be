"""How a run looks while it goes on: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from uuid import UUID

from cutover.cli.output import Output, columns
from cutover.cli.runs.follow import Ended
from cutover.cli.runs.progress import Step, changes
from cutover.cli.runs.watcher import Watcher

WARNING = 30
ERROR = 40


class Plain:
    """A line when a step begins or ends, and the run's log: for pipes, files and `--json` (on stderr)."""

    def __init__(self, say: Callable[[str], None], address: Callable[[UUID], str]) -> None:
        self._say, self._address = say, address
        self._steps: tuple[Step, ...] = ()
        self._began = time.monotonic()

    def begun(self, name: str, identity: UUID) -> None:
        """Say which run it is and where it can be seen."""
        self._say(f"{name}: {self._address(identity) or identity}")

    def steps(self, steps: Sequence[Step]) -> None:
        """Say what began and what ended since the last look."""
        for step in changes(self._steps, steps):
            end = f" ({step.seconds:.1f} s)" if step.done else ""
            self._write(f"{step}: {step.state.lower()}{end}")
        self._steps = tuple(steps)

    def line(self, level: int, text: str) -> None:
        """Repeat a line of the run's log."""
        self._write(f"{'! ' if level >= WARNING else ''}{text}")

    def waits(self, reason: str) -> None:
        """Say why nothing happens."""
        self._write(reason)

    def shows(self, plan: str) -> None:
        """Print what the run is about to do."""
        self._say(plan)

    def aside(self) -> AbstractContextManager[bool]:
        """There is no person to be asked."""
        return nullcontext(False)

    def _write(self, text: str) -> None:
        self._say(f"{time.monotonic() - self._began:6.1f}s  {text}")


def watcher(output: Output, hosts: Sequence[str], address: Callable[[UUID], str]) -> AbstractContextManager[Watcher]:
    """Return who shows the run: a live table when a person looks at a terminal, else plain lines."""
    if output.terminal:
        from cutover.cli.runs.live import Live

        return Live(hosts, address)
    return nullcontext(Plain(output.say, address))


def final_lines(ended: Ended, table: bool = True) -> list[str]:
    """Return how a run ended, for people: its tables, that of the result if asked for, then its state and message."""
    shown = [each for each in (ended.cluster, ended.result if table else ()) if each]
    lines = [columns(_rows(each)) for each in shown]
    message = f": {ended.message}" if ended.message else ""
    return [*lines, f"{ended.name}: {ended.state}{message} ({ended.seconds:.1f} s)"]


def _rows(result: Sequence[dict[str, Any]]) -> list[list[str]]:
    names = list(result[0])
    return [[name.upper() for name in names], *([_cell(row.get(name)) for name in names] for row in result)]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if isinstance(value, float) else str(value).partition("\n")[0]
