"""A backup is proven by restoring it beside the live system (W02, W03, W04, W05, W06)."""

from __future__ import annotations

import pytest

from tests.lab import old_tool
from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller
from tests.lab.flows.drilled import Drilled, drilled
from tests.lab.flows.seen import codes, started, state
from tests.lab.old_tool import Form

pytestmark = pytest.mark.lab

EPOCH = 1700000000
REMAINS = (
    "podman ps --all --quiet --filter name=cutover-; "
    "systemctl list-units --all --plain --no-legend 'cutover-drill*' 'cutover-job-*'; "
    "find /var/lib/cutover/drill /run/cutover/drill /run/cutover/jobs -mindepth 1 -maxdepth 1 -not -name .lock "
    "2>/dev/null || true"
)
SERVER = "pgrep -f '^postgres -D /drill/data'"


@pytest.fixture(scope="module")
def proven(controller: Controller, module_hosts: MakeHosts) -> Drilled:
    """A tenant whose backups are encrypted and go to another bucket than its own."""
    return drilled(controller, module_hosts, "proven")


@pytest.fixture(scope="module")
def backup(proven: Drilled) -> str:
    """A backup of it, the first."""
    proven.query("create table odd (line text)")
    proven.query("insert into odd values (repeat('x', 9000) || chr(13)), (repeat(chr(228), 5000) || chr(9) || '\\.')")
    return proven.back_up()


def test_a_backup_is_unproven_until_a_drill_has_restored_and_compared_it(proven: Drilled, backup: str) -> None:
    assert proven.proof(backup) is None
    assert proven.listed()[backup]["proven"] is None
    rows, before = proven.query("select count(*) from queue_log"), started([proven.host])

    result = proven.drill()
    assert state(result) == "Proven", result.stdout + result.stderr
    read = [row["component"].removesuffix(" of omnileads_aio") for row in result.json["result"]]
    assert {"database", "custom files", "configuration", "inventory", "index of recordings", "recordings"} <= set(read)

    proof, manifest = proven.proof(backup), proven.manifest(backup)
    assert proof is not None
    assert (proof["backup"], proof["failed"], proof["run"]) == (backup, [], result.json["run"]["id"])
    assert proof["tables"] == len(manifest["census"]["tables"])
    assert proof["rows"] == sum(manifest["census"]["tables"].values())
    assert proven.listed()[backup]["proven"] is not None

    assert started([proven.host]) == before
    assert proven.query("select count(*) from queue_log") == rows
    assert proven.host.output(REMAINS) == ""


@pytest.mark.parametrize("form", [Form.TERMINAL, pytest.param(Form.CUSTOM, marks=pytest.mark.thorough)])
def test_w04_a_dump_of_the_old_tool_is_drilled_in_whatever_form_it_is(proven: Drilled, backup: str, form: Form) -> None:
    number = EPOCH + list(Form).index(form)
    proven.put(old_tool.key(number), old_tool.dump(proven.host, form))
    result = proven.drill(str(number))
    assert state(result) == "Proven", result.stdout + result.stderr
    assert "everything that the application needs" in result.json["state"]["message"]


@pytest.mark.thorough
def test_w05_an_old_dump_that_ends_too_early_is_no_backup(proven: Drilled, backup: str) -> None:
    whole = old_tool.dump(proven.host, Form.PLAIN)
    proven.put(old_tool.key(EPOCH + 9), whole[: len(whole) * 2 // 3])
    result = proven.drill(str(EPOCH + 9))
    assert (result.status, result.json["state"]["name"]) == (1, "Unproven"), result.stdout + result.stderr
    assert codes(result)[0] in ("CUT-719", "CUT-735")


@pytest.mark.thorough
def test_a_drill_whose_host_loses_its_power_proves_nothing_and_leaves_nothing(proven: Drilled, backup: str) -> None:
    proven.query("insert into odd select repeat(md5(i::text), 40) from generate_series(1, 200000) i")
    big = proven.back_up()
    running = proven.begin_drill()
    running.until(proven.host, SERVER)
    proven.host.kill()
    proven.host.start()
    lost = running.ended()
    assert (lost.status, lost.json["state"]["name"]) in ((1, "Failed"), (3, "Refused")), lost.stdout
    assert proven.proof(big) is None
    again = proven.drill(big)
    assert state(again) == "Proven", again.stdout + again.stderr
    assert proven.host.output(REMAINS) == ""


def test_a_drill_is_refused_where_there_is_no_room_for_it(proven: Drilled, backup: str) -> None:
    proven.rewrite(backup, census=proven.manifest(backup)["census"] | {"size": 10**15})
    result = proven.drill(backup)
    assert (result.status, result.json["state"]["name"], codes(result)) == (3, "Refused", ["CUT-730"])
    nowhere = proven.drill(backup, "--on", "elsewhere")
    assert (nowhere.status, codes(nowhere)) == (3, ["CUT-748"])
