"""The type of the fixture `hosts`, for the tests that take it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tests.lab.host import Host


class MakeHosts(Protocol):
    """The factory behind the fixture `hosts`."""

    def __call__(
        self,
        count: int = 1,
        *,
        layer: str | None = "podman",
        names: Sequence[str] | None = None,
        golden_state: str | None = None,
        disk: str | None = None,
        memory: int | None = None,
    ) -> list[Host]:
        """Make `count` hosts, switched on and answering; for the rest see `Lab.create`."""
