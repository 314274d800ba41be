"""What becomes of live calls before something is restarted that carries them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal


class Answer(StrEnum):
    """What to do now."""

    GO_ON = "go on"
    WAIT = "wait"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """
    A tenant's policy.

    `wait`: until the calls have ended, `longest` at most. `refuse`: while there are calls, but for the maintenance
    `window` ("02:00-04:00"; empty: there is none). `cut`: go on.
    """

    kind: Literal["wait", "refuse", "cut"]
    longest: timedelta
    window: str = ""

    def answer(self, live: int, waited: timedelta, *, in_window: bool) -> Answer:
        """Return what to do about so many live calls after waiting so long."""
        if not live or self.kind == "cut":
            return Answer.GO_ON
        if self.kind == "refuse":
            return Answer.GO_ON if in_window else Answer.REFUSE
        return Answer.WAIT if waited < self.longest else Answer.REFUSE

    def __str__(self) -> str:
        if self.kind == "cut":
            return "live calls are cut"
        if self.kind == "wait":
            return f"waits up to {self.longest // timedelta(minutes=1)} minutes for live calls to end"
        return f"refused while there are live calls{f', but from {self.window}' if self.window else ''}"
