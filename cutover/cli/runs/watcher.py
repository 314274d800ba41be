"""What following a run expects of whoever shows it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

from cutover.cli.runs.progress import Step


class Watcher(Protocol):
    """Whoever shows a run while it goes on."""

    def begun(self, name: str, identity: UUID) -> None:
        """The run is known at the server."""

    def steps(self, steps: Sequence[Step]) -> None:
        """This is what it has done so far."""

    def line(self, level: int, text: str) -> None:
        """Its log has one line more."""

    def waits(self, reason: str) -> None:
        """Nobody has taken the run up for a while."""

    def shows(self, plan: str) -> None:
        """This is what the run is about to do, as Markdown."""

    def aside(self) -> AbstractContextManager[bool]:
        """Leave the screen to a question for a while; gives whether a person looks at it."""
