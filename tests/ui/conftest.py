"""A browser, and a controller with its Prefect server that it looks at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.lab.controller import Controller
from tests.lab.lab import Lab
from tests.lab.settings import Settings
from tests.lab.tenants import PROJECT
from tests.ui.browser import chromium
from tests.ui.pages import LIMIT

PORT = 4600 + int(Settings.from_environment().net.rpartition(".")[2])
"""Labs that run side by side have a port each."""

SIZE = (1440, 900)
PICTURES = "CUTOVER_PICTURES"
"""Set to anything, the pictures of README.md are taken anew; else pictures go where a test's other files go."""


@pytest.fixture(scope="package")
def controller(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A controller whose Prefect server and worker run for all tests of this folder."""
    made = Controller(lab.settings, tmp_path_factory.mktemp("controller"))
    with made.server(PORT):
        yield made


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A browser for all tests of this folder."""
    expect.set_options(timeout=LIMIT)
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own for each test."""
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]}, timezone_id="UTC")
    context.set_default_timeout(LIMIT)
    yield context.new_page()
    context.close()


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[str], Path]:
    """Where a picture of a name is kept."""
    folder = PROJECT / "docs/images" if os.environ.get(PICTURES) else tmp_path
    return lambda name: folder / f"{name}.png"
