"""Making hosts for tests, and removing whatever was made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from tests.lab.host import Host
from tests.lab.lab import Lab


class Making:
    """
    The factory behind the fixtures `hosts` and `module_hosts`; `lab` is where it makes them.

    As a context it removes them at its end.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._made: list[Host] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

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
        chosen = names or [f"host-{len(self._made) + number}" for number in range(1, count + 1)]
        new = self.lab.create(chosen, layer, golden_state=golden_state, disk=disk, memory=memory)
        self.start(new)
        return new

    def start(self, made: Sequence[Host]) -> None:
        """Switch on hosts of the lab that the caller made, and remove them with the others."""
        self._made.extend(made)
        self.lab.start(made)

    def remove(self) -> None:
        """Remove all of them, whatever was done to them."""
        self.lab.remove(self._made)
