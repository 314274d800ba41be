from __future__ import annotations

import json
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Literal

import pytest

from cutover.hosts.cluster import lsn, member, node
from cutover.hosts.script import call, library
from cutover.inventory import Host, Role
from cutover.plan.cluster import Found

GUARD = b64encode(json.dumps({"fenced": "replaced", "writer": "sql_2"}).encode()).decode()
CONTROL = "system\t71\nstate\tin production\ncheckpoint\t0/3000060\ntimeline\t1\nrecovered\t0/0\nrewindable\n"


def host(ha_role: Literal["main", "backup"] = "main") -> Host:
    return Host("sql_1", Role.SQL, "192.0.2.1", 22, "root", "10.0.0.1", "192.0.2.1", ha_role=ha_role)


def test_a_node_that_lost_its_power_is_known_by_its_control_file() -> None:
    found = node(host(), f"holds\t10.0.0.9\nidle\tcutover-pair\nguard\t{GUARD}\nversion\t15\nfree\t7\n{CONTROL}")
    assert found.free == 7
    assert (found.found, found.initial, found.timeline, found.position) == (Found.STOPPED, Found.PRIMARY, 1, 0x3000060)
    assert (found.clean, found.rewindable, found.fenced, found.writer) == (False, True, "replaced", "sql_2")
    assert (found.holds, found.idle) == (frozenset({"10.0.0.9"}), ("cutover-pair",))


def test_a_promoted_node_tells_its_timeline_and_where_it_began_though_its_control_file_is_of_before() -> None:
    found = node(host("backup"), f"{CONTROL}fork\t1\t0/4000000\nserver\tprimary\t2\t0/5000000\t\t\tt\t\n")
    assert (found.found, found.timeline, found.position) == (Found.PRIMARY, 2, 0x5000000)
    assert (found.history, found.synchronous) == ({1: 0x4000000}, True)


def test_a_standby_tells_whom_it_follows_and_what_it_shows() -> None:
    server = "server\tstandby\t2\t0/5000000\t10.0.0.2\t0.8\tf\t0/4FFFFF0\n"
    found = node(host(), f"before\tstandby\n{CONTROL}{server}")
    assert (found.found, found.follows, found.old, found.replayed) == (Found.STANDBY, "10.0.0.2", 0.8, 0x4FFFFF0)
    assert found.standby_before


@pytest.mark.parametrize(("said", "found"), [("empty\n", Found.EMPTY), (f"{CONTROL}silent\n", Found.GONE)])
def test_a_node_without_a_database_and_one_that_does_not_answer_are_told_apart(said: str, found: Found) -> None:
    assert node(host(), said).found is found


def test_what_a_guard_says_that_does_not_run_is_nothing() -> None:
    assert node(host(), f"guard\t\n{CONTROL}").fenced == ""


@pytest.mark.parametrize(("text", "position"), [("0/0", 0), ("0/3000060", 0x3000060), ("1/A", (1 << 32) + 10), ("", 0)])
def test_a_position_is_a_number_of_bytes(text: str, position: int) -> None:
    assert lsn(text) == position


def test_what_redis_and_sentinel_of_a_host_say() -> None:
    said = "cron\tactive\nredis\trole\tslave\nredis\tmaster_link_status\tup\nsentinel\tmaster\t10.0.0.5\n"
    found = member(host(), f"{said}sentinel\tquorum\tOK 3 usable Sentinels\n")
    assert (found.redis, found.linked, found.cron) == ("slave", True, True)
    assert (found.sentinel, found.master, found.quorum) == (True, "10.0.0.5", True)


def test_a_postgresql_of_the_old_tool_is_known_as_such_and_by_both_addresses() -> None:
    found = node(host(), f"old_tool\n{CONTROL}")
    assert (found.old_tool, found.address, found.login) == (True, "10.0.0.1", "192.0.2.1")


SETTINGS = "work_mem = '8MB'\n"
SOURCE = "primary_conninfo = 'host=10.0.0.2 user=repmgr application_name={} connect_timeout=2'\n"
SLOT = "primary_slot_name = 'repmgr_slot_1'\n"
RECOVERY = "standby_mode = 'on'\nrecovery_target_timeline = 'latest'\n"


@pytest.mark.parametrize(
    ("version", "before", "after"),
    [
        pytest.param(
            "11",
            {"postgresql.auto.conf": SETTINGS, "standby.signal": "", "recovery.signal": ""},
            {"postgresql.auto.conf": SETTINGS, "recovery.conf": RECOVERY + SOURCE.format("postgres01") + SLOT},
            id="before version 12 PostgreSQL does not start with these words among its settings",
        ),
        pytest.param(
            "15",
            {
                "postgresql.auto.conf": f"{SETTINGS}primary_conninfo = 'host=elsewhere'\n",
                "recovery.conf": RECOVERY,
                "recovery.signal": "",
            },
            {"postgresql.auto.conf": SETTINGS + SOURCE.format("postgres01") + SLOT, "standby.signal": ""},
            id="from version 12 on it does not start with a recovery.conf",
        ),
    ],
)
def test_a_standby_is_made_by_the_files_that_its_version_knows(
    tmp_path: Path, version: str, before: dict[str, str], after: dict[str, str]
) -> None:
    data, repmgr = tmp_path / "data", tmp_path / "repmgr.conf"
    data.mkdir()
    for name, content in before.items():
        (data / name).write_text(content)
    repmgr.write_text("node_id=1\nnode_name=postgres01\n")
    lines = ["chown() { :; }", f"version={version} repmgr={repmgr}"]
    line = call("node_as_standby", data, "10.0.0.2", "repmgr_slot_1", "sql_1")
    subprocess.run(["bash", "-s"], input="\n".join([library("cluster"), *lines, line]), text=True, check=True)
    assert {each.name: each.read_text() for each in data.iterdir()} == after


@pytest.mark.parametrize(
    ("written", "said"),
    [("data_directory='/srv/data'", "/srv/data"), ("data_directory = /srv/data ", "/srv/data"), ("", "usual")],
)
def test_what_the_settings_of_repmgr_say_is_read_in_every_way_they_are_written(
    tmp_path: Path, written: str, said: str
) -> None:
    (tmp_path / "repmgr.conf").write_text(f"node_id=1\n{written}\n")
    lines = [library("cluster"), f"repmgr={tmp_path}/repmgr.conf", call("node_told", "data_directory", "usual")]
    done = subprocess.run(["bash", "-s"], input="\n".join(lines), capture_output=True, text=True, check=True)
    assert done.stdout == said
