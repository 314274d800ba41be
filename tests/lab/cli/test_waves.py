"""Twenty tenants upgraded in waves by a real server and worker, with flows that touch no host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.cli.project import Project
from tests.lab.cli.server import Server
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.thorough

NAMES = [f"fleet{number:02}" for number in range(1, 21)]
POISONED = "fleet03"
LIMIT = 180


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = Project(tmp_path_factory.mktemp("project"))
    made.add(*NAMES)
    flow = made.folder / "flows/upgrade.py"
    flow.write_text(flow.read_text().replace('== "broken"', f'== "{POISONED}"'))
    with made.up():
        yield made


@pytest.fixture(scope="module")
def server(project: Project) -> Server:
    return Server(project)


def outcomes(printed: str) -> dict[str, str]:
    rows: list[dict[str, Any]] = json.loads(printed)["result"]
    return {row["tenant"]: row["result"] for row in rows}


def test_a_poisoned_tenant_ends_the_fleet_s_upgrade_with_its_wave(project: Project) -> None:
    done = project.cutover("upgrade", "--all", "--yes", "--then", "4", "--at-once", "4", "--json")
    assert done.returncode == 1, done.stderr
    found = outcomes(done.stdout)
    assert {name: found[name] for name in NAMES[:5]} == dict.fromkeys(NAMES[:5], "Completed") | {POISONED: "Failed"}
    assert {found[name] for name in NAMES[5:]} == {"NotBegun"}


def test_only_the_tenants_that_are_selected_are_upgraded(project: Project) -> None:
    done = project.cutover("upgrade", "--all", "--only", "fleet0[12]", "--only", "fleet20", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert outcomes(done.stdout) == dict.fromkeys(("fleet01", "fleet02", "fleet20"), "Completed")
    refused = project.cutover("upgrade", "--all", "--only", "nobody*", "--yes")
    assert (refused.returncode, "CUT-609" in refused.stderr) == (2, True)


def test_each_wave_waits_for_a_yes_and_a_no_ends_it(project: Project, server: Server) -> None:
    started = project.cutover("upgrade", "--all", "--then", "2", "--stop-after", "3")
    assert started.returncode == 3, started.stderr
    assert "Wave 1 of 3: 1 tenant" in started.stdout
    assert "CUT-340" in started.stderr
    (run,) = (each for each in server.runs("upgrade-fleet") if each["state_name"] == "Paused")
    server.answer(run["id"], "go on")
    wait_for("the second wave's question", lambda: server.question(run["id"]) == "wave 2 of 3", LIMIT, 0.5)
    server.answer(run["id"], "abort")
    wait_for("the end", lambda: server.ended(run["id"]), LIMIT, 0.5)
    name, message = server.state(run["id"])
    assert name == "Failed"
    assert re.match(r"1 of 20 tenants, .*; NotBegun: fleet02, ", message)


def test_a_tenant_of_pairs_is_upgraded_as_any_other(project: Project) -> None:
    project.add("pair", example="ha")
    done = project.cutover("upgrade", "--all", "--only", "pair", "--only", "fleet01", "--yes", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert outcomes(done.stdout) == {"pair": "Completed", "fleet01": "Completed"}
