"""The tenant that the tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.controller import Controller
from tests.lab.flows.paired import Paired, installed_pairs
from tests.lab.flows.pairs import NAME
from tests.lab.lab import Lab
from tests.lab.making import Making


@pytest.fixture(scope="package")
def acme(controller: Controller, lab: Lab) -> Iterator[Paired]:
    """The tenant."""
    with Making(lab) as hosts:
        yield installed_pairs(controller, hosts, NAME)
