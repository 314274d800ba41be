"""How much has gone and how fast, shown while it goes: in the run's progress artifact and now and then in its log."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.logging import get_run_logger

from cutover.amounts import bytes_in_words
from tasks.artifacts import key

SHOWN_EVERY = 3.0
"""Seconds between two updates of the artifact."""

LOGGED_EVERY = 15.0
"""Seconds between two lines of the log."""


def rate_in_words(count: float, seconds: float) -> str:
    """Return how fast so many bytes went in so many seconds."""
    return f"{bytes_in_words(count / max(seconds, 0.001))}/s"


class Throughput:
    """
    What a run has moved so far, part by part; bytes as they were before compression.

    What a part weighs is known only roughly before it has gone, so a run stands at 99 % at most until it is over.
    """

    def __init__(self, artifact: UUID, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._artifact, self._total, self._clock = artifact, max(total, 1), clock
        self._began = self._shown = self._logged = clock()
        self._parts: dict[str, int] = {}

    @classmethod
    async def of(cls, tenant: str, total: int) -> Throughput:
        """Create the artifact of a run that is going to move about `total` bytes."""
        made = await acreate_progress_artifact(
            0.0, key=key("progress", tenant), description=f"about {bytes_in_words(total)} to go"
        )
        return cls(made, total)

    @property
    def words(self) -> str:
        """What has gone so far and how fast."""
        gone = sum(self._parts.values())
        return f"{bytes_in_words(gone)}, {rate_in_words(gone, self._clock() - self._began)}"

    async def seen(self, part: str, count: int) -> None:
        """Say that `count` bytes of a part have gone by now."""
        self._parts[part] = count
        now = self._clock()
        if now - self._logged >= LOGGED_EVERY:
            self._logged = now
            get_run_logger().info("%s of about %s", self.words, bytes_in_words(self._total))
        if now - self._shown >= SHOWN_EVERY:
            self._shown = now
            await self._show(min(99.0, 100.0 * sum(self._parts.values()) / self._total))

    async def over(self) -> None:
        """Say that everything has gone."""
        await self._show(100.0)

    async def _show(self, percent: float) -> None:
        await aupdate_progress_artifact(self._artifact, progress=round(percent, 1), description=self.words)
