"""The pages of the Prefect UI, by what an operator sees and clicks there."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Locator, Page

LIMIT = 120_000
"""Milliseconds for anything to appear, on a machine under heavy load."""


class RunPage:
    """The page of one run."""

    def __init__(self, page: Page, ui: str, run: str) -> None:
        self.page = page
        self._address = f"{ui}/runs/flow-run/{run}"
        self.open()

    def open(self) -> None:
        """Go to the page and wait until the graph of its steps is drawn."""
        self.page.goto(self._address)
        self.page.locator(".flow-run-graph canvas, canvas").first.wait_for()

    def tab(self, name: str) -> None:
        """Open a tab."""
        self.page.locator(".p-tabs").get_by_text(name, exact=True).click()

    def in_the_log(self, text: str) -> Locator:
        """Go down the log, of which only the part in sight is in the page, until a text is there; return that line."""
        self.page.get_by_text("Beginning flow run").first.wait_for()
        self.page.get_by_text("Oldest to newest").hover()
        line = self.page.get_by_text(text).first
        end = time.monotonic() + LIMIT / 1000
        while not line.is_visible() and time.monotonic() < end:
            self.page.mouse.wheel(0, 500)
            self.page.wait_for_timeout(150)
        return line

    def artifact(self, key: str) -> Locator:
        """Open an artifact from its card, and return its content."""
        self.open()
        self.tab("Artifacts")
        self.page.get_by_text(key, exact=True).last.click()
        self.page.wait_for_url("**/artifacts/artifact/**")
        return self.page.locator("main, .router-view, body").first

    def recentre(self) -> None:
        """Let the graph be drawn anew to its whole width."""
        self.page.get_by_title("Recenter graph").click()
        self.page.mouse.move(0, 0)

    def picture(self, file: Path) -> None:
        """Keep what is seen now as a picture, once nothing moves any more."""
        self.page.wait_for_timeout(2500)
        file.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=file)


def open_form(page: Page, ui: str, operation: str) -> None:
    """Go to the form that starts an operation, and open the list of tenants."""
    page.goto(f"{ui}/deployments")
    deployments = page.locator("a[href*='/deployments/deployment/']")
    deployments.filter(has_text=operation).first.click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Custom run").click()
    page.get_by_text("The tenant: a folder in tenants/").wait_for()
    # The list opens by keyboard; a click would open and close it.
    page.locator(".schema-form-property__fields button").first.focus()
    page.keyboard.press("ArrowDown")
