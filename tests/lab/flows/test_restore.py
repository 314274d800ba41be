"""Restoring on real hosts: what was lost is back, what served before is kept, nothing is changed without a yes."""

from __future__ import annotations

import os
import pty
import subprocess
import time
from pathlib import Path

import pytest

from cutover.hosts import deadman
from tests.lab import old_tool
from tests.lab.conftest import MakeHosts
from tests.lab.controller import LEASE, Controller
from tests.lab.flows import processes
from tests.lab.flows.destination import BUCKET, RECIPIENT, encrypted, into_the_lab_s_store, with_key
from tests.lab.flows.in_the_ui import ShownRun
from tests.lab.flows.installed import calls, installed
from tests.lab.flows.restored import ARMED, CUSTOM, OWN_FILE, Restored, restored
from tests.lab.flows.seen import codes, started, state
from tests.lab.flows.stored import Bucket
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.old_tool import Form
from tests.lab.running import Running
from tests.lab.s3 import client
from tests.lab.tenants import PROJECT
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

FILL = (
    "fallocate --length $(($(df --output=avail --block-size=1 /var/lib/containers | tail -1) - 300000000)) /var/filler"
)
EPOCH = 1681215859
WORK = (
    "queue_log, ominicontacto_app_contacto, ominicontacto_app_campana, ominicontacto_app_agenteprofile, "
    "reportes_app_llamadalog"
)


@pytest.fixture(scope="module")
def aio(lab: Lab, controller: Controller, module_hosts: MakeHosts) -> Restored:
    """An AIO whose bucket is on its own host, with a disk of its own; its backups go elsewhere, encrypted."""
    tenant, hosts = installed(controller, module_hosts, "back", "aio", disk="8G")
    into_the_lab_s_store(tenant, lab)
    encrypted(tenant)
    with_key(tenant)
    return restored(controller, tenant, hosts)


def test_w01_w02_w07_an_aio_gets_back_what_it_lost_and_keeps_what_served_before(lab: Lab, aio: Restored) -> None:
    before = aio.state()
    backup = aio.back_up()
    nobody_can_read(Bucket.of_lab(lab, BUCKET, "back/"), backup)
    lost = aio.lose()
    recordings = aio.recordings()
    with aio.own_bucket() as own:
        own.s3.delete_object(Bucket=own.name, Key=recordings[0])
    assert lost != before

    result = aio.run("restore", "--yes")
    assert state(result) == "Completed", result.stdout + result.stderr
    assert backup in result.json["state"]["message"]
    assert "outage" in result.json["plan"]
    assert "CUT-752" in result.json["plan"], "nobody has proven it, and that is said"
    assert aio.state() == before
    assert aio.recordings() == recordings

    (old,) = aio.databases()
    assert old.startswith("omnileads_old_")
    assert aio.query("select count(*) from ominicontacto_app_contacto", old) == "0"
    assert aio.voice.output(f"cat {CUSTOM}.old-*/lost.conf") == "lost"
    assert len(aio.listed()) == 2, "the old state was backed up as well"
    assert aio.data.run("test -e /var/lib/cutover/deadman", check=False).returncode == 1

    running = started([aio.data])
    assert state(aio.run("install")) == "Unchanged"
    assert started([aio.data]) == running


def test_what_served_before_is_shown_and_only_then_let_go(aio: Restored) -> None:
    assert state(aio.run("release-old")) == "Planned"
    assert len(aio.databases()) == 1
    assert state(aio.run("release-old", "--yes")) == "Completed"
    assert aio.databases() == []
    assert (
        aio.data.output("ls -d /etc/asterisk/custom* /var/lib/containers/storage/volumes/oml_redis/*").count("old") == 0
    )
    assert state(aio.run("release-old")) == "Unchanged"


@pytest.mark.thorough
def test_w04_w08_w09_a_terminal_s_dump_of_the_old_tool_is_restored_when_the_inventory_names_it(
    lab: Lab, aio: Restored
) -> None:
    """The run is resumed by the form of the Prefect UI, which posts to the server what is posted here."""
    dump = old_tool.dump(aio.data, Form.TERMINAL)
    assert b"\r\n" in dump
    files = {f"backup/asterisk/{EPOCH}/etc-custom/{name}": content for name, content in aio.custom_files().items()}
    other = {f"backup/asterisk/{EPOCH}/agi-bin/own.py": b"belongs into the image"}
    for key, content in {old_tool.key(EPOCH): dump, **files, **other}.items():
        client(lab.store).put_object(Bucket=BUCKET, Key=f"{aio.tenant.name}/{key}", Body=content)
    before = aio.state()
    lost = aio.lose()
    aio.tenant.add(f"restore_file_timestamp: {EPOCH}")

    waiting = aio.run("restore")
    assert (waiting.status, waiting.json["findings"][0]["code"]) == (3, "CUT-340"), waiting.stdout + waiting.stderr
    assert aio.state() == lost
    form = ShownRun("restore back", "PAUSED")
    form.answer("go on")
    wait_for("the end of the restore", lambda: form.state() not in ("PAUSED", "RUNNING"), 400, 1)
    assert form.state() == "COMPLETED"
    assert aio.state().rows == before.rows
    assert aio.voice.output(f"cat '{OWN_FILE}'") == "; the operator's own"
    assert aio.voice.run(f"test -e {CUSTOM}/lost.conf", check=False).returncode == 1
    aio.tenant.edit(f"    restore_file_timestamp: {EPOCH}\n", "")


@pytest.mark.thorough
def test_a_custom_format_dump_of_the_old_tool_is_restored_once_the_person_at_the_terminal_says_yes(
    aio: Restored,
) -> None:
    """It lies in the tenant's own bucket: the old tool knew no other."""
    number = EPOCH + 1
    with aio.own_bucket() as own:
        own.s3.put_object(Bucket=own.name, Key=old_tool.key(number), Body=old_tool.dump(aio.data, Form.CUSTOM))
    before = aio.state()
    lost = aio.lose()

    status, shown = _on_a_terminal(aio.controller, ["restore", aio.tenant.name, str(number)], "no")
    assert (status, "not approved" in shown) == (3, True), shown
    assert aio.state() == lost

    status, shown = _on_a_terminal(aio.controller, ["restore", aio.tenant.name, str(number)], "yes")
    assert status == 0, shown
    assert "outage" in shown
    assert aio.state().rows == before.rows
    assert aio.voice.output(f"cat {CUSTOM}/lost.conf") == "lost", "that backup has no files, so none were touched"


def test_a_disk_that_is_too_small_is_known_before_anything_is_touched(aio: Restored) -> None:
    aio.data.run(FILL)
    before, running = aio.state(), started([aio.data])
    result = aio.run("restore", "--yes")
    aio.data.run("rm /var/filler")
    assert (result.status, result.json["state"]["name"]) == (3, "Refused"), result.stdout
    assert "CUT-757" in codes(result)
    assert (aio.state(), started([aio.data])) == (before, running)


@pytest.mark.thorough
def test_a_backup_of_an_aio_is_restored_onto_three_hosts_with_its_recordings(
    lab: Lab, controller: Controller, elsewhere: Controller, module_hosts: MakeHosts, aio: Restored
) -> None:
    """
    Nobody's work is in the fresh tenant, so it is restored without a question and without a safety backup.

    One of its hosts lacks the program that opens an encrypted backup, and gets it.
    """
    calls([aio.app], 2)
    before = aio.state()
    backup = aio.back_up()
    recordings = aio.recordings()

    tenant, hosts = installed(elsewhere, module_hosts, "back", "ait")
    into_the_lab_s_store(tenant, lab)
    new = restored(elsewhere, tenant, hosts)
    new.query(f"truncate {WORK} cascade")
    with new.own_bucket() as own:
        for key in own.names():
            own.s3.delete_object(Bucket=own.name, Key=key)

    there = len(new.listed())
    refused = new.run("restore", backup)
    assert (refused.status, codes(refused)) == (3, ["CUT-731"]), refused.stdout
    with_key(tenant)
    new.voice.run("dpkg --purge age")
    result = new.run("restore", backup)
    assert state(result) == "Completed", result.stdout + result.stderr
    assert "CUT-765" in codes(result) or "CUT-765" in result.json["plan"], "the hosts have other names"
    after = new.state()
    assert (after.rows, after.statistics) == (before.rows, before.statistics)
    assert after.files == before.files
    assert new.recordings() == recordings
    assert len(new.listed()) == there, "there was nothing to save before"


@pytest.mark.thorough
def test_a_cloud_backed_tenant_gets_its_outside_database_back_and_the_old_one_when_the_controller_dies(
    controller: Controller, module_hosts: MakeHosts
) -> None:
    """The application's host swaps the databases back by itself, with the login that it has for the application."""
    sky = restored(controller, *installed(controller, module_hosts, "sky", "cloud"))
    before = sky.state()
    sky.back_up()
    lost = sky.lose()

    running = Running(controller.start("restore", "sky", "--yes", "--json"))
    running.until(sky.data, "! systemctl --quiet is-active redis")
    wait_for("the exchange", lambda: any("_old_" in name for name in sky.databases()), 180, 0.1)
    processes.kill_runs(controller)
    assert running.ended().status == 1
    hosts = (sky.app, sky.data, sky.voice)
    wait_for("the way back", lambda: not any(holds(host, ARMED) for host in hosts), LEASE + deadman.GRACE + 60)
    assert not [name for name in sky.databases() if "_old_" in name]
    assert sky.state() == lost

    result = sky.run("restore", "--yes")
    assert state(result) == "Completed", result.stdout + result.stderr
    assert sky.state() == before
    assert len(sky.databases()) == 1


def nobody_can_read(place: Bucket, backup: str) -> None:
    """Assert that every object of a backup is encrypted, for the tenant's key."""
    (manifest,) = (each for each in place.manifests() if each["id"] == backup)
    assert manifest["encrypted_for"] == RECIPIENT
    for stored in manifest["objects"]:
        assert place.get(stored["key"]).startswith(b"age-encryption.org/v1"), stored["key"]


def holds(host: Host, condition: str) -> bool:
    return host.run(condition, check=False).returncode == 0


@pytest.fixture
def elsewhere(lab: Lab, tmp_path: Path) -> Controller:
    """Another controller, with tenants of its own; its runs go on in place."""
    return Controller(lab.settings, tmp_path / "elsewhere")


def _on_a_terminal(controller: Controller, words: list[str], answer: str) -> tuple[int, str]:
    """Run a command on a pseudo-terminal and type an answer when it asks; return its status and what it showed."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [str(PROJECT / ".venv/bin/cutover"), *words],
        env=controller.environment | {"TERM": "xterm", "COLUMNS": "160"},
        cwd=PROJECT,
        stdin=its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    shown, asked, end = "", False, time.monotonic() + 500
    while time.monotonic() < end:
        try:
            shown += os.read(ours, 65536).decode(errors="replace")
        except OSError:
            break
        if not asked and "Type yes" in shown:
            asked = True
            os.write(ours, f"{answer}\n".encode())
    os.close(ours)
    return process.wait(timeout=30), shown
