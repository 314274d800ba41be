from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.lab.cli.project import Project, free_port, read_until
from tests.lab.cli.server import Server


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = Project(tmp_path_factory.mktemp("project"))
    made.add("acme", "busy", "broken", "fresh", "slow")
    done = made.cutover("up", "--port", str(made.port))
    assert done.returncode == 0, done.stderr
    yield made
    made.cutover("down", "--now")


def api(project: Project, path: str) -> Any:
    return httpx.get(f"http://127.0.0.1:{project.port}{path}").json()


def tenants_in_the_form(project: Project) -> list[str]:
    schema = api(project, "/api/deployments/name/install/install")["parameter_openapi_schema"]
    enum: list[str] = schema["properties"]["tenant"]["enum"]
    return enum


def test_up_again_starts_nothing_and_registers_what_is_new(project: Project) -> None:
    before = tenants_in_the_form(project)
    project.add("newcomer")
    done = project.cutover("up", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["started"]) == (0, [])
    assert document["ui"] == f"http://127.0.0.1:{project.port}"
    assert tenants_in_the_form(project) == sorted([*before, "newcomer"])


def test_a_tenant_that_is_new_to_the_server_is_registered_by_the_command_itself(project: Project) -> None:
    project.add("latecomer")
    done = project.cutover("install", "latecomer")
    assert done.returncode == 0, done.stderr
    assert "latecomer is new to the server" in done.stdout
    assert "latecomer" in tenants_in_the_form(project)


def test_the_interface_answers(project: Project) -> None:
    page = httpx.get(f"http://127.0.0.1:{project.port}/", follow_redirects=True)
    assert page.status_code == 200
    assert "<title>" in page.text


def test_the_controllers_files_are_for_their_owner_alone(project: Project) -> None:
    assert project.home.stat().st_mode & 0o777 == 0o700
    assert (project.home / "encryption.key").stat().st_mode & 0o777 == 0o600


def test_a_busy_port_is_said_before_anything_starts(project: Project, tmp_path: Path) -> None:
    other = Project(tmp_path)
    other.add("acme")
    done = other.cutover("up", "--port", str(project.port))
    assert done.returncode == 6
    assert "CUT-611" in done.stderr
    assert not (other.home / "server.json").exists()


def test_another_port_is_refused_while_the_server_runs(project: Project) -> None:
    assert project.cutover("up", "--port", str(free_port())).returncode == 2


def test_a_run_is_followed_to_its_end(project: Project) -> None:
    done = project.cutover("install", "acme")
    assert done.returncode == 0, done.stderr
    assert f"install acme: http://127.0.0.1:{project.port}/runs/flow-run/" in done.stdout
    assert "omnileads_aio: works on nginx" in done.stdout
    assert "nginx on omnileads_aio: completed" in done.stdout
    assert "install acme: Completed: 1 component" in done.stdout
    assert "cutover password" not in done.stdout


def test_the_run_that_set_the_first_password_says_how_to_see_it(project: Project) -> None:
    done = project.cutover("install", "fresh")
    assert done.returncode == 0, done.stderr
    assert "cutover password fresh" in done.stdout


def test_with_json_stdout_is_one_document(project: Project) -> None:
    done = project.cutover("plan", "busy", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == document["exit"] == 4
    assert document["state"] == {
        "name": "Busy",
        "type": "FAILED",
        "message": "install busy of somebody@elsewhere holds it",
    }
    assert document["plan"] == "# What is to be done"
    assert [(row["host"], row["component"], row["result"]) for row in document["result"]] == [
        ("omnileads_aio", "nginx", "changed")
    ]
    assert [(step["what"], step["state"]) for step in document["steps"]] == [("nginx", "Completed")]


def test_the_old_tools_command_line_ends_with_the_runs_exit_code(project: Project) -> None:
    done = project.cutover("deploy", "--action=install", "--tenant=broken")
    assert done.returncode == 1
    assert "this had to come" in done.stdout


def test_ctrl_c_leaves_the_run_going_and_down_waits_for_it(project: Project) -> None:
    left = project.interrupted("install", "slow", when="works on nginx")
    assert left.returncode == 130
    assert "The run goes on: http://127.0.0.1" in left.stdout
    run = left.stdout.partition("prefect flow-run cancel ")[2].split()[0]
    stopping = project.start("down")
    read_until(stopping, "waiting for the runs under way")
    (project.folder / "go").touch()
    stopping.communicate(timeout=180)
    assert stopping.returncode == 0
    back = project.cutover("up", "--port", str(project.port))
    assert back.returncode == 0, back.stderr
    assert api(project, f"/api/flow_runs/{run}")["state_name"] == "Completed"


@pytest.mark.thorough
def test_down_now_ends_a_worker_that_hangs_and_its_runs_with_it(tmp_path: Path) -> None:
    alone = Project(tmp_path)
    alone.add("slow")
    with alone.up():
        alone.interrupted("install", "slow", when="works on nginx")
        Server(alone).signal_worker(signal.SIGSTOP)
        stopped = alone.cutover("down", "--now")
    assert stopped.returncode == 0
    assert "killed: install slow" in stopped.stdout + stopped.stderr
    assert left_over(alone) == []


def test_down_when_nothing_runs_says_so(tmp_path: Path) -> None:
    done = Project(tmp_path).cutover("down")
    assert (done.returncode, done.stdout) == (0, "nothing runs\n")


def test_without_a_server_a_run_happens_in_place_and_leaves_no_process(tmp_path: Path) -> None:
    alone = Project(tmp_path)
    alone.add("acme")
    done = alone.cutover("install", "acme", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["state"]["name"]) == (0, "Completed")
    assert document["result"][0]["component"] == "nginx"
    assert "omnileads_aio: works on nginx" in done.stderr
    assert left_over(alone) == []


def left_over(project: Project) -> list[str]:
    wanted = f"CUTOVER_ROOT={project.folder}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.name != str(os.getpid()) and wanted in (process / "environ").read_bytes().split(b"\0"):
                found.append(process.name)
        except OSError:
            continue
    return found
