"""What an operator sees of a run in the Prefect UI: good and bad ones, on a real host, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.lab.controller import Controller
from tests.lab.lab import Lab
from tests.ui.conftest import PORT
from tests.ui.pages import RunPage, open_form

UI = f"http://127.0.0.1:{PORT}"
COMPONENTS = ("postgresql", "redis", "django", "nginx", "asterisk", "kamailio", "rtpengine", "firewall")
LAST_WORDS = "this release is broken on purpose"
STAGES = ("prepare", "pull", "configure")


@dataclass(frozen=True)
class Run:
    """One run at the server: its id, and the rows of its result."""

    identity: str
    state: str
    result: list[dict[str, str | float | None]]


@pytest.fixture(scope="module")
def good(lab: Lab, controller: Controller) -> Iterator[Run]:
    """An install of the tenant acme that went well."""
    yield from _installed(lab, controller, "acme")


@pytest.fixture(scope="module")
def bad(lab: Lab, controller: Controller) -> Iterator[Run]:
    """An install of the tenant broken, whose web application ends as soon as it has started."""
    yield from _installed(lab, controller, "broken", "1.26.0-broken")


def _installed(lab: Lab, controller: Controller, name: str, version: str = "") -> Iterator[Run]:
    hosts = lab.create([name], "omnileads")
    try:
        lab.start(hosts)
        tenant = controller.tenant(name, "aio", hosts)
        if version:
            tenant.add(f"omnileads_version: {version}")
        document = controller.run("install", name, "--json").json
        yield Run(document["run"]["id"], document["state"]["name"], document["result"])
    finally:
        lab.remove(hosts)


def test_the_run_is_found_by_what_it_does_to_whom(good: Run, page: Page) -> None:
    page.goto(f"{UI}/runs")
    expect(page.get_by_role("link", name="install acme").first).to_be_visible()
    expect(page.get_by_text("tenant:acme").first).to_be_visible()
    expect(page.get_by_text("Completed").first).to_be_visible()


def test_the_run_shows_its_steps_on_a_time_line_and_by_name(
    good: Run, page: Page, picture: Callable[[str], Path]
) -> None:
    run = RunPage(page, UI, good.identity)
    run.tab("Artifacts")
    expect(page.get_by_text("steps done; all 15 components answer")).to_be_visible()
    run.recentre()
    run.picture(picture("prefect-run"))
    run.tab("Task Runs")
    for name in ("observe", "preflight", "configure", "verify"):
        expect(page.get_by_text(f"{name} omnileads_aio", exact=True)).to_be_visible()
    for name in COMPONENTS:
        expect(page.get_by_text(f"{name} on omnileads_aio", exact=True)).to_be_visible()


def test_the_plan_says_what_was_to_be_done_and_why(good: Run, page: Page) -> None:
    plan = RunPage(page, UI, good.identity).artifact("plan-acme")
    expect(plan.get_by_role("heading", name="Plan for acme")).to_be_visible()
    expect(plan.get_by_role("heading", name="Components")).to_be_visible()
    expect(plan.get_by_role("row", name="omnileads_aio nginx start new on this host")).to_be_visible()
    expect(plan.get_by_role("row", name="write /etc/default/nginx.env missing")).to_be_visible()


def test_the_progress_of_a_finished_run_is_complete(good: Run, page: Page) -> None:
    progress = RunPage(page, UI, good.identity).artifact("progress-acme")
    expect(progress.get_by_text("Progress: 100%")).to_be_visible()


def test_the_result_tells_the_seconds_of_every_stage_and_component(
    good: Run, page: Page, picture: Callable[[str], Path]
) -> None:
    run = RunPage(page, UI, good.identity)
    table = run.artifact("result-acme").get_by_role("table")
    for column in ("host", "component", "action", "result", "seconds", "message"):
        expect(table.get_by_role("columnheader", name=column)).to_be_visible()
    run.picture(picture("prefect-result"))
    assert {row["action"] for row in good.result} >= {*STAGES, "start", "do once"}
    assert {row["component"] for row in good.result} >= set(COMPONENTS)
    seen = [row.get_by_role("cell").all_inner_texts() for row in table.get_by_role("row").all()]
    for row in good.result:
        assert [f"{value:g}" if isinstance(value, float) else value for value in row.values()] in seen


def test_the_form_offers_the_tenants_there_are(good: Run, bad: Run, page: Page) -> None:
    open_form(page, UI, "install")
    for tenant in ("acme", "broken"):
        expect(page.get_by_role("option", name=tenant)).to_be_visible()


def test_w14_a_failed_run_shows_the_last_lines_of_the_component_s_log(bad: Run, page: Page) -> None:
    assert bad.state == "Failed"
    run = RunPage(page, UI, bad.identity)
    said = run.in_the_log("django does not become healthy")
    expect(said).to_be_visible()
    for text in (LAST_WORDS, "journalctl -u"):
        expect(said).to_contain_text(text)
    table = run.artifact("result-broken").get_by_role("table")
    expect(table.get_by_role("row").filter(has_text="failed").filter(has_text=LAST_WORDS)).to_be_visible()
