"""One controller with its Prefect server for all tests of flows on real hosts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.controller import LEASE, Controller
from tests.lab.lab import Lab
from tests.lab.settings import Settings

PORT = 4300 + int(Settings.from_environment().net.rpartition(".")[2])
"""The server's port; labs that run side by side have networks of their own, so their ports differ too."""


@pytest.fixture(scope="session")
def controller(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A controller whose Prefect server and worker run for the whole session."""
    made = Controller(lab.settings, tmp_path_factory.mktemp("controller"), LEASE)
    with made.server(PORT):
        yield made
