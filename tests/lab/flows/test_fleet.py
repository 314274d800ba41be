"""
Twenty tenants backed up in one run, on twenty hosts; none of them has had a call yet.

Each host is bare: a tenant's database is one of many on an outside server, its bucket one of many in the lab's
store, so that what is measured is a fleet and not the starting of three hundred containers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import accumulate

import pytest

from tests.lab import postgres, s3
from tests.lab.controller import Controller, Result
from tests.lab.lab import Lab
from tests.lab.limits import raise_limits
from tests.lab.postgres import Database
from tests.lab.settings import Settings

pytestmark = [pytest.mark.lab, pytest.mark.thorough]

PORT = 4900 + int(Settings.from_environment().net.rpartition(".")[2])
"""The port of its own server; labs that run side by side have networks of their own, so their ports differ too."""

COUNT = 20
AT_ONCE = 4
"""Hosts that are booted at the same time."""

PATIENCE = 300
"""Seconds that a host may take to boot while so many others are there."""

NAMES = [f"fleet{number:02}" for number in range(1, COUNT + 1)]
PASSWORD = "a-password-of-the-fleet"
CUSTOM = "mkdir -p /etc/asterisk/custom && echo '; its own' >/etc/asterisk/custom/own.conf"
TABLES = "create table queue_log (time timestamptz); insert into queue_log select now() from generate_series(1, 500)"
SPANS = """
select run.start_time, run.end_time from flow_run run
join flow_run parent_run on replace(parent_run.id, '-', '') = ?
join task_run task on task.id = run.parent_task_run_id and task.flow_run_id = parent_run.id
"""


@pytest.fixture(scope="module")
def controller(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A controller that has no other tenants than these."""
    made = Controller(lab.settings, tmp_path_factory.mktemp("fleet"))
    with made.server(PORT):
        yield made


@pytest.fixture(scope="module", autouse=True)
def fleet(lab: Lab, controller: Controller) -> Iterator[None]:
    """Twenty tenants, and one more whose inventory cannot be read."""
    raise_limits()
    hosts = lab.create(NAMES, "omnileads")
    server = lab.create(["fleet-database"], postgres.LAYER)
    try:
        for first in range(0, COUNT, AT_ONCE):
            some = hosts[first : first + AT_ONCE]
            for host in some:
                host.boot()
            for host in some:
                host.wait(PATIENCE)
        lab.start(server)
        admin = postgres.serve(server[0], "omnileads", "omnileads", PASSWORD)
        for name, host in zip(NAMES, hosts, strict=True):
            admin.query(f"create database {name}")
            Database(server[0], name, "omnileads", PASSWORD).query(TABLES)
            lab.store.make_bucket(name)
            host.run(CUSTOM)
            tenant = controller.tenant(name, "aio", [host])
            tenant.give("postgres_password", PASSWORD)
            for line in (
                f"postgres_host: {admin.address}",
                f"postgres_database: {name}",
                f"bucket_url: {lab.store.url}",
                f"bucket_name: {name}",
            ):
                tenant.add(line)
            tenant.give("bucket_access_key", lab.store.access_key)
            tenant.give("bucket_secret_key", lab.store.secret_key)
        broken = controller.tenants / "unreadable"
        broken.mkdir()
        (broken / "inventory.yml").write_text("all: [")
        yield
    finally:
        lab.remove([*hosts, *server])


def outcomes(result: Result) -> dict[str, str]:
    return {row["tenant"]: row["result"] for row in result.json["result"]}


def most_at_once(controller: Controller, result: Result) -> int:
    """How many of the runs below a run went on at the same time, by the server's own record."""
    parent = str(result.json["run"]["id"]).replace("-", "")
    with closing(sqlite3.connect(f"file:{controller.home}/prefect.db?mode=ro", uri=True)) as database:
        spans = database.execute(SPANS, (parent,)).fetchall()
    assert len(spans) == COUNT
    changes = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    return max(accumulate(change for _, change in changes))


def test_w18_twenty_tenants_are_saved_five_at_a_time_and_an_unreadable_one_keeps_no_other_back(
    controller: Controller, lab: Lab
) -> None:
    result = controller.run("backup", "--all", "--at-once", "5", "--json")
    assert result.status == 1
    assert outcomes(result) == {**dict.fromkeys(NAMES, "Completed"), "unreadable": "Unreadable"}, result.stderr
    assert result.json["state"]["message"].startswith(f"{COUNT} of {COUNT + 1} tenants")
    assert 2 <= most_at_once(controller, result) <= 5
    client = s3.client(lab.store)
    for name in NAMES:
        found = client.list_objects_v2(Bucket=name, Prefix="backup/manifests/")["Contents"]
        assert [each["Key"].endswith(f"-{name}-1.26.0.json") for each in found] == [True]
    assert all(row["bytes"] > 0 for row in result.json["result"] if row["result"] == "Completed")


def test_when_the_store_is_down_the_fleet_stops_after_a_few_failures(controller: Controller, lab: Lab) -> None:
    lab.store.stop()
    try:
        result = controller.run("backup", "--all", "--at-once", "2", "--stop-after", "2", "--json")
    finally:
        lab.store.start()
    assert result.status == 1
    found = list(outcomes(result).values())
    assert 2 <= found.count("Refused") <= 3, found
    assert found.count("NotBegun") == COUNT - found.count("Refused")
    assert "not begun" in result.stdout
