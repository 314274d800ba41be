"""What every test on real hosts gets: one lab for the whole run, and hosts that go when the test ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.lab import Lab
from tests.lab.making import Making
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
def hosts(lab: Lab) -> Iterator[Making]:
    """A factory of hosts; all are removed when the test ends, whatever it did to them."""
    with Making(lab) as made:
        yield made


@pytest.fixture(scope="module")
def module_hosts(lab: Lab) -> Iterator[Making]:
    """A factory of hosts that the tests of a module share; they are removed after the last of them."""
    with Making(lab) as made:
        yield made
