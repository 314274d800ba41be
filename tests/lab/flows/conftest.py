"""One controller with its Prefect server for all tests of flows on real hosts."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.lab.controller import Controller
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.tenants import LabTenant

MakeTenant = Callable[[str, str, Sequence[Host]], LabTenant]


@pytest.fixture(scope="session")
def controller(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A controller whose Prefect server and worker run for the whole session."""
    made = Controller(lab.settings, tmp_path_factory.mktemp("controller"))
    with made.server(free_port()):
        yield made


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port
