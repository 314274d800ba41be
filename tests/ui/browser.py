"""A headless Chromium, the distribution's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.lab import requirements
from tests.lab.errors import LabError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def program() -> str:
    """Return the path of the machine's Chromium, installed now if it is missing; raises LabError if it cannot be."""
    found = _found()
    if not found and shutil.which("apt-get") and os.geteuid() == 0:
        requirements.install(lambda: [] if _found() else PROGRAMS[:1], "--no-install-recommends")
        found = _found()
    if not found:
        raise LabError(f"the browser tests need one of these programs: {', '.join(PROGRAMS)}")
    return found


def _found() -> str | None:
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser that asks nobody but the pages it is sent to."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
