"""What an operator sees of backups in the Prefect UI: the timetable, a run, a tenant's backups, a fleet's result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller
from tests.lab.flows.installed import installed
from tests.ui.conftest import PORT
from tests.ui.pages import RunPage

pytestmark = pytest.mark.thorough

UI = f"http://127.0.0.1:{PORT}"
NAME = "saved"


@pytest.fixture(scope="module")
def saved(controller: Controller, module_hosts: MakeHosts) -> Iterator[dict[str, Any]]:
    """A tenant with a backup made by a run over all tenants, and its timetable; gives that run."""
    installed(controller, module_hosts, NAME, "aio", only={"postgresql", "redis", "minio"})
    done = controller.run("backup", "--all", "--json")
    assert done.status == 0, done.stdout + done.stderr
    scheduled = controller.run("schedule")
    assert scheduled.status == 0, scheduled.stderr
    document: dict[str, Any] = done.json
    yield document


def test_the_timetable_is_seen(saved: dict[str, Any], page: Page) -> None:
    page.goto(f"{UI}/deployments")
    page.get_by_role("searchbox", name="Search deployments").fill(NAME)
    for operation, when in (("backup", "every day"), ("drill", "Sunday"), ("prune", "Monday")):
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name=f"{operation} {NAME}", exact=True))
        expect(row).to_contain_text("At ")
        for text in (f"tenant:{NAME}", when):
            expect(row).to_contain_text(text)


def test_a_run_over_all_tenants_has_a_run_and_a_row_for_each(saved: dict[str, Any], page: Page) -> None:
    run = RunPage(page, UI, saved["run"]["id"])
    run.tab("Subflow Runs")
    expect(page.get_by_text(f"backup {NAME}").first).to_be_visible()
    table = run.artifact("fleet-backup").get_by_role("table")
    for column in ("tenant", "result", "seconds", "bytes", "message"):
        expect(table.get_by_role("columnheader", name=column)).to_be_visible()
    expect(table.get_by_role("row").filter(has_text=NAME).filter(has_text="Completed")).to_be_visible()


def test_a_tenants_newest_backup_its_age_and_its_proof_are_in_one_artifact(saved: dict[str, Any], page: Page) -> None:
    page.goto(f"{UI}/artifacts/key/backups-{NAME}")
    said = page.get_by_text("newest:").first
    expect(said).to_contain_text(f"-{NAME}-1.26.0")
    expect(said).to_contain_text("unproven")


def test_the_alarm_of_a_late_backup_is_seen_and_can_be_paused(saved: dict[str, Any], page: Page) -> None:
    page.goto(f"{UI}/automations")
    expect(page.get_by_text(f"tell when no backup of {NAME} completes").first).to_be_visible()
