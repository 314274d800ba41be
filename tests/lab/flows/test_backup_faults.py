"""
What goes wrong in mid-backup: never a manifest without its data, and backing up again succeeds.

A lock on one table holds the dump where a test wants it, and a store that is cut off holds what comes after.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.controller import LEASE, Controller, Result
from tests.lab.flows import processes
from tests.lab.flows.installed import installed
from tests.lab.flows.seen import codes, state
from tests.lab.flows.stored import Bucket
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.running import Running
from tests.lab.tenants import LabTenant
from tests.lab.waiting import wait_for
from tests.lab.wire import Wire, wire

pytestmark = [pytest.mark.lab, pytest.mark.thorough]

NAME = "victim"
PSQL = "podman exec {} oml-postgresql-server psql -U omnileads -d omnileads -XAtc {!r}"
LOCK = "begin; lock table queue_log; select pg_sleep(600)"
# Granted or not: no later dump comes before it.
ASKED = "select count(*) from pg_locks where relation = 'queue_log'::regclass and mode = 'AccessExclusiveLock'"
UNLOCK = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'begin; lock table%'"
JOBS = "ls /run/cutover/jobs 2>/dev/null; podman ps --all --quiet --filter name=cutover-job"
DATABASE = "/run/cutover/jobs/backup-database"
HELD = "test $(cut -d' ' -f3 /run/cutover/lease) -gt $(date +%s)"
# A job that a dead run has left bears the token of a lease that has run out.
OURS = f"grep -q \"^$(cut -d' ' -f1 {DATABASE}/mark) \" /run/cutover/lease && {HELD}"
DUMPING = f"test -e {DATABASE}/started && {OURS}"
DUMPED = f"test -e {DATABASE}/plain"
FREE = f"! test -s /run/cutover/lease || ! {HELD}"
FILL = "fallocate --length $(df --output=avail --block-size=1 /var/lib/containers | tail -1) /var/filler; true"


@dataclass(frozen=True, slots=True)
class Victim:
    """A tenant whose backups are disturbed, and the bucket they go to."""

    controller: Controller
    store: Wire
    tenant: LabTenant
    host: Host
    vault: Bucket

    def begin(self) -> Running:
        """Begin a backup."""
        return Running(self.controller.start("backup", self.tenant.name, "--json"))

    def again(self) -> Result:
        """Back up, undisturbed."""
        return self.controller.run("backup", self.tenant.name, "--json")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold a lock that no dump gets past."""
        self.host.run(PSQL.format("--detach", LOCK))
        wait_for("the lock", lambda: self.host.output(PSQL.format("", ASKED)) != "0", 60)
        try:
            yield
        finally:
            self.host.run(PSQL.format("", UNLOCK))

    def held(self) -> Running:
        """Begin a backup and return once its database is read, while the store is away; the caller heals that."""
        with self.locked():
            running = self.begin()
            running.until(self.host, DUMPING)
            self.store.cut()
        running.until(self.host, DUMPED)
        return running


@pytest.fixture(scope="module")
def victim(controller: Controller, lab: Lab, module_hosts: MakeHosts) -> Iterator[Victim]:
    only = {"postgresql", "minio", "redis"}
    tenant, (host,) = installed(controller, module_hosts, NAME, "aio", only=only, disk="8G")
    tenant.give("vault", lab.store.secret_key)
    vault = Bucket.of_lab(lab, "faults", f"{NAME}/")
    with wire(lab.store) as fragile:
        for line in (
            f"backup_bucket_url: {fragile.url}",
            "backup_bucket_name: faults",
            f"backup_bucket_access_key: {lab.store.access_key}",
            "backup_bucket_secret_key: {file: secrets/vault}",
        ):
            tenant.add(line)
        yield Victim(controller, fragile, tenant, host, vault)


@pytest.fixture(autouse=True)
def healed(victim: Victim) -> Iterator[None]:
    """What a test that failed has cut is not cut for the next one."""
    yield
    victim.store.heal()
    victim.host.heal()


def recovers(victim: Victim) -> None:
    """Assert that every manifest has its data, and that the next backup succeeds and leaves nothing behind."""
    before = victim.vault.manifests()
    result = victim.again()
    assert state(result) == "Completed"
    manifests = victim.vault.manifests()
    assert len(manifests) == len(before) + 1
    for manifest in manifests:
        victim.vault.whole(manifest)
    assert victim.vault.uploads() == []
    assert victim.host.output(JOBS) == ""


def failed(result: Result, *expected: str) -> Result:
    assert (result.status, result.json["state"]["name"]) == (1, "Failed"), result.stdout + result.stderr
    assert set(codes(result)) <= set(expected) and codes(result), result.stdout
    return result


def test_a_store_and_a_host_that_are_away_for_a_while_only_delay_the_backup(victim: Victim) -> None:
    running = victim.held()
    busy = victim.again()
    assert (busy.status, codes(busy)) == (4, ["CUT-211"]), busy.stdout
    victim.host.cut()
    time.sleep(15)
    victim.host.heal()
    victim.store.heal()
    assert state(running.ended()) == "Completed"


def test_a_bit_that_turns_and_a_connection_that_breaks_on_the_way_do_not_come_into_the_backup(victim: Victim) -> None:
    victim.host.run("head -c 6M /dev/urandom >/etc/asterisk/custom/noise")
    victim.store.falsify_after(1 << 20)
    victim.store.break_after(3 << 20)
    recovers(victim)


def test_a_controller_that_is_killed_leaves_no_manifest(victim: Victim) -> None:
    before = len(victim.vault.manifests())
    with victim.locked():
        reading = victim.begin()
        reading.until(victim.host, DUMPING)
        killed(victim, reading)
    killed(victim, victim.held())
    victim.store.heal()
    assert len(victim.vault.manifests()) == before
    recovers(victim)


def killed(victim: Victim, running: Running) -> None:
    """Kill a run, and wait until its lease has run out."""
    processes.kill_runs(victim.controller)
    assert running.ended().json["state"]["type"] == "CRASHED"
    wait_for("the end of the lease", lambda: victim.host.run(FREE, check=False).returncode == 0, LEASE + 10)


def test_a_host_that_loses_its_power_leaves_no_manifest(victim: Victim) -> None:
    before = len(victim.vault.manifests())
    running = victim.held()
    victim.host.kill()
    victim.store.heal()
    victim.host.start()
    failed(running.ended(), "CUT-201", "CUT-212", "CUT-710", "CUT-721")
    assert len(victim.vault.manifests()) == before
    wait_for("PostgreSQL", lambda: victim.host.run(PSQL.format("", "select 1"), check=False).returncode == 0, 120)
    recovers(victim)


def test_a_store_that_is_gone_for_good_a_full_disk_and_a_revoked_key_end_the_backup(
    victim: Victim, lab: Lab, tmp_path: Path
) -> None:
    before = len(victim.vault.manifests())
    hasty = Controller(lab.settings, tmp_path)
    hasty.environment |= {"CUTOVER_STORE_PATIENCE": "5"}
    shutil.copytree(victim.tenant.folder, hasty.tenants / victim.tenant.name)
    gone = replace(victim, controller=hasty).held().ended()
    victim.store.heal()
    failed(gone, "CUT-700", "CUT-714")
    assert victim.host.output(JOBS) == ""

    victim.host.run(FILL)
    full = victim.again()
    victim.host.run("rm /var/filler")
    assert full.status != 0, full.stdout
    assert "no space left on device" in full.stdout.lower()

    victim.tenant.give("vault", "revoked")
    revoked = victim.again()
    victim.tenant.give("vault", victim.store.secret_key)
    assert (revoked.status, revoked.json["state"]["name"], codes(revoked)[0]) == (3, "Refused", "CUT-701")
    assert len(victim.vault.manifests()) == before
    recovers(victim)
