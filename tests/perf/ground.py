"""What measurements stand on: a lab of its own, and a Prefect server that this process reports to as a run does."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.lab.controller import Controller
from tests.lab.lab import Lab
from tests.lab.settings import Settings


@contextmanager
def ground() -> Iterator[tuple[Lab, Path]]:
    """Give a lab with its images, and a folder; nothing is left of either afterwards."""
    lab = Lab(Settings.from_environment())
    with lab.claim(), TemporaryDirectory() as folder:
        try:
            lab.up()
            lab.provide_images()
            yield lab, Path(folder)
        finally:
            lab.down()


@contextmanager
def reporting(controller: Controller, port: int) -> Iterator[None]:
    """Have a controller's server run, and this process be one of its runs; flows are imported only now."""
    os.environ.update(controller.environment)
    with controller.server(port):
        from cutover.cli.server.settings import api, runs

        os.environ.update(runs(controller.home, api(port), controller.tenants))
        logging.disable(logging.INFO)
        yield
