"""Schedules and alarms at a real Prefect server, with flows that touch no host. The tests go on from one another."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.cli.project import Project, free_port
from tests.lab.cli.server import Server, ago
from tests.lab.receivers import Hook, Mailbox, hook, mailbox
from tests.lab.waiting import wait_for

PASSWORD = "canarymailpassword"
PATH = "/hook/canarytokenofawebhook"
LATE = "no backup of acme for 26 hours"
LIMIT = 180
"""Seconds; a machine under load takes its time to start a run."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = Project(tmp_path_factory.mktemp("project"))
    made.add("acme", "broken")
    with made.up() as printed:
        assert "no backups are scheduled of acme, broken: cutover schedule" in printed
        yield made


@pytest.fixture(scope="module")
def server(project: Project) -> Server:
    return Server(project)


@pytest.fixture(scope="module")
def box() -> Iterator[Mailbox]:
    with mailbox("ops", PASSWORD) as made:
        yield made


@pytest.fixture(scope="module")
def web() -> Iterator[Hook]:
    with hook(PATH) as made:
        yield made


def schedule(project: Project, *words: str) -> dict[str, dict[str, Any]]:
    done = project.cutover("schedule", "--json", *words)
    assert done.returncode == 0, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)["schedules"]}


def write_addresses(project: Project, *addresses: str) -> None:
    file = project.home / "notifications"
    file.write_text("# who is told\n" + "\n".join(addresses))
    file.chmod(0o600)


def tell(project: Project, *addresses: str) -> subprocess.CompletedProcess[str]:
    write_addresses(project, *addresses)
    return project.cutover("notify")


def test_every_operation_of_every_tenant_is_a_deployment_of_its_own(project: Project, server: Server) -> None:
    rows = schedule(project)
    assert {row["done"] for row in rows.values()} == {"created"}
    found = server.scheduled()
    assert (
        set(found)
        == set(rows)
        == {f"{op} {name}" for op in ("backup", "drill", "prune", "drift") for name in ("acme", "broken")}
    )
    assert found["backup acme"]["parameters"] == {"tenant": "acme", "why": "nightly"}
    assert found["prune acme"]["parameters"] == {"tenant": "acme", "delete": True}
    assert set(found["drill acme"]["tags"]) == {"op:drill", "tenant:acme", "cutover:schedule"}
    times = [found[f"{op} acme"]["schedules"][0]["schedule"] for op in ("backup", "drill")]
    assert {each["timezone"] for each in times} == {"Europe/Vienna"}
    assert re.fullmatch(r"\d+ 1 \* \* \*", times[0]["cron"])
    assert re.fullmatch(r"\d+ [34] \* \* 0", times[1]["cron"])


def test_the_server_plans_runs_that_carry_the_tenants_tags(project: Project, server: Server) -> None:
    identity = server.scheduled()["backup acme"]["id"]
    asked = {"deployments": {"id": {"any_": [identity]}}}
    wait_for("planned runs", lambda: len(server.ask("POST", "/flow_runs/filter", asked)) >= 3, LIMIT, 1)
    planned = server.ask("POST", "/flow_runs/filter", asked)[0]
    assert "tenant:acme" in planned["tags"]
    assert planned["parameters"]["tenant"] == "acme"


def test_again_nothing_changes_and_an_operators_time_and_pause_stay(project: Project, server: Server) -> None:
    before = server.scheduled()
    assert {row["done"] for row in schedule(project).values()} == {"unchanged"}
    backup = before["backup acme"]
    (kept,) = backup["schedules"]
    mine = kept["schedule"] | {"cron": "30 4 * * *"}
    server.ask("PATCH", f"/deployments/{backup['id']}/schedules/{kept['id']}", {"schedule": mine, "active": False})
    row = schedule(project)["backup acme"]
    assert (row["done"], row["when"], row["paused"], row["by_hand"]) == (
        "unchanged",
        "30 4 * * * Europe/Vienna",
        True,
        True,
    )
    assert {name: each["id"] for name, each in server.scheduled().items()} == {
        name: each["id"] for name, each in before.items()
    }
    assert server.scheduled()["backup acme"]["parameters"]["tenant"] == "acme"


def test_another_wish_of_the_inventory_wins_over_the_operators_time_but_not_over_the_pause(
    project: Project, server: Server
) -> None:
    inventory = project.tenants / "acme/inventory.yml"
    inventory.write_text(inventory.read_text().replace("  vars:\n", "  vars:\n    backup_window: 22:00-23:00\n", 1))
    rows = schedule(project)
    assert rows["backup broken"]["done"] == "unchanged"
    assert (rows["backup acme"]["done"], rows["backup acme"]["paused"]) == ("changed", True)
    (now,) = server.scheduled()["backup acme"]["schedules"]
    assert re.fullmatch(r"\d+ 22 \* \* \*", now["schedule"]["cron"])
    server.ask(
        "PATCH", f"/deployments/{server.scheduled()['backup acme']['id']}/schedules/{now['id']}", {"active": True}
    )
    assert schedule(project)["backup acme"]["paused"] is False


def test_a_gone_tenants_schedules_go_and_a_broken_inventory_keeps_its_own(project: Project, server: Server) -> None:
    project.add("beta", "gamma")
    assert schedule(project)["backup beta"]["done"] == "created"
    shutil.rmtree(project.tenants / "gamma")
    (project.tenants / "beta/inventory.yml").write_text("all: [")
    done = project.cutover("schedule")
    assert done.returncode == 2
    assert "backup gamma" in done.stdout
    assert "beta/inventory.yml" in done.stderr
    assert {"backup beta", "backup acme"} <= set(server.scheduled())
    assert "backup gamma" not in server.scheduled()
    assert "tell when no backup of beta completes" in server.alarms()
    shutil.rmtree(project.tenants / "beta")
    assert "drill beta" in schedule(project)


def test_the_wrong_folder_of_tenants_takes_nothing_away(project: Project, server: Server) -> None:
    other = project.folder / "other"
    shutil.copytree(project.tenants / "acme", other / "somebody")
    done = project.cutover("schedule", "--tenants", str(other))
    assert done.returncode == 2
    assert "CUT-772" in done.stderr
    assert "backup acme" in server.scheduled()


def test_a_trial_says_who_cannot_be_reached_and_shows_no_secret(project: Project, box: Mailbox, web: Hook) -> None:
    assert tell(project, box.url(), web.url()).stdout == "sent to 2 addresses\n"
    assert box.subjects == web.titles == ["Cutover can reach you"]
    box.messages.clear()
    web.documents.clear()
    nobody = f"mailto://ops:{PASSWORD}@127.0.0.1:{free_port()}?mode=insecure&from=cutover@a.lab&to=ops@a.lab"
    done = tell(project, nobody, web.url())
    assert done.returncode == 1
    assert "CUT-776" in done.stderr
    assert "127.0.0.1" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert web.titles == ["Cutover can reach you"]
    web.documents.clear()
    write_addresses(project, box.url(), web.url())
    schedule(project)
    box.messages.clear()
    web.documents.clear()


def test_a_scheduled_run_that_fails_is_told_by_mail_and_webhook(
    project: Project, server: Server, box: Mailbox, web: Hook
) -> None:
    run = server.run("backup broken")
    wait_for("the run's end", lambda: server.ended(run), LIMIT, 1)
    wait_for("a mail and a call", lambda: bool(box.subjects and web.titles), LIMIT, 0.5)
    # a server that could not note it down at once tells it once more
    assert set(box.subjects) == set(web.titles) == {"backup broken: Failed"}
    assert "this had to come" in web.documents[0]["message"]
    assert f"/runs/flow-run/{run}" in web.documents[0]["message"]


@pytest.mark.thorough
def test_a_notification_that_fails_changes_no_run(project: Project, server: Server, web: Hook) -> None:
    web.path = "/moved"
    bad, good = server.run("backup broken"), server.run("backup acme")
    wait_for("both ends", lambda: server.ended(bad) and server.ended(good), LIMIT, 1)
    wait_for("the notification's failure", lambda: server.events("prefect.automation.action.failed") >= 2, LIMIT, 1)
    assert [server.state(run)[0] for run in (bad, good)] == ["Failed", "Completed"]
    web.path = PATH
    web.documents.clear()


def test_a_late_backup_is_told_although_no_worker_lives_and_no_more_than_once_a_deadline(
    project: Project, server: Server, box: Mailbox, web: Hook
) -> None:
    box.messages.clear()
    server.signal_worker(signal.SIGKILL)
    began = time.monotonic()
    server.hasten("tell when no backup of acme completes", 12)
    wait_for("an alarm", lambda: LATE in box.subjects and LATE in web.titles, LIMIT, 0.2)
    assert time.monotonic() - began >= 12
    wait_for("another alarm", lambda: box.subjects.count(LATE) > 1, LIMIT, 0.2)
    assert time.monotonic() - began >= 24
    # the failure of the test before may be told as late as this
    assert set(box.subjects + web.titles) <= {LATE, "backup broken: Failed"}


@pytest.mark.thorough
def test_of_a_backlog_only_the_newest_run_works_and_a_completed_backup_begins_the_deadline_anew(
    project: Project, server: Server, box: Mailbox
) -> None:
    server.hasten("tell when no backup of acme completes", 100_000)
    old = [server.run("backup acme", ago(days=days)) for days in (3, 2)]
    newest = server.run("backup acme")
    assert project.cutover("up").returncode == 0
    wait_for("all ends", lambda: all(server.ended(run) for run in (*old, newest)), LIMIT, 1)
    assert [server.state(run)[0] for run in old] == ["Skipped", "Skipped"]
    assert "does it" in server.state(old[0])[1]
    assert server.state(newest)[0] == "Completed"


def test_secrets_of_notifications_are_nowhere(project: Project) -> None:
    files = [*project.home.glob("prefect.db*"), *(project.home / "logs").iterdir()]
    for secret in (PASSWORD, PATH):
        assert [file.name for file in files if secret.encode() in file.read_bytes()] == []


def test_everything_can_be_taken_away(project: Project, server: Server) -> None:
    rows = schedule(project, "--remove")
    assert {row["done"] for row in rows.values()} == {"removed"}
    assert (server.scheduled(), server.alarms()) == ({}, {})
    assert schedule(project, "--remove") == {}
