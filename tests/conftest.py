"""What every test on real hosts gets: one lab for the whole run, and hosts that go when the test ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.settings import Settings


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A lab with network, registry with images, package proxy and S3 store. If it cannot be, tests fail."""
    made = Lab(Settings.from_environment())
    with made.claim():
        try:
            made.up()
            made.provide_images()
            made.store.start()
            yield made
        finally:
            made.down()


@pytest.fixture
def hosts(lab: Lab) -> Iterator[MakeHosts]:
    """A factory of hosts; all are removed when the test ends, whatever it did to them."""
    made: list[Host] = []

    def make(
        count: int = 1,
        *,
        layer: str | None = "podman",
        names: Sequence[str] | None = None,
        golden_state: str | None = None,
        disk: str | None = None,
        memory: int | None = None,
    ) -> list[Host]:
        chosen = names or [f"host-{len(made) + number}" for number in range(1, count + 1)]
        new = lab.create(chosen, layer, golden_state=golden_state, disk=disk, memory=memory)
        made.extend(new)
        lab.start(new)
        return new

    yield make
    lab.remove(made)
