"""
What goes wrong in mid-restore: the old database serves again, and restoring again succeeds.

All tests meet one tenant, which has lost something since its backup; so what served before and what comes from the
backup can be told apart at any time. The last test gets it back.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass

import pytest

from cutover.hosts import deadman, lease
from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller
from tests.lab.flows import processes
from tests.lab.flows.installed import installed
from tests.lab.flows.restored import Restored, State, into_the_lab_s_store, restored
from tests.lab.flows.seen import codes, state
from tests.lab.lab import Lab
from tests.lab.running import Running
from tests.lab.site import answers
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

ARMED = "test -s /var/lib/cutover/deadman/token"
STOPPED = f"{ARMED} && ! systemctl --quiet is-active omnileads"
FORMER = 'podman exec oml-postgresql-server psql -U omnileads -d postgres -XAtc "select datname from pg_database"'
EXCHANGED = f"{FORMER} | grep --quiet omnileads_old_"
BY_ITSELF = lease.LIFE + deadman.GRACE + 60
BREAK = "/etc/systemd/system/nginx.service.d/broken.conf"


@dataclass(frozen=True, slots=True)
class Damaged:
    """A tenant with a backup, as it was then and as it is since something was lost."""

    of: Restored
    saved: State
    lost: State

    def begin(self) -> Running:
        """Begin to restore."""
        return Running(self.of.controller.start("restore", self.of.tenant.name, "--yes", "--json"))

    def serves_what_it_did(self) -> None:
        """Assert that the old state serves, and that nothing else is left but what the next restore clears away."""
        assert self.of.state() == self.lost
        assert answers(self.of.app.address) == [302, 200]
        assert not [name for name in self.of.databases() if "_old_" in name]
        assert self.of.voice.run("ls -d /etc/asterisk/custom.old-*", check=False).returncode != 0


@pytest.fixture(scope="module")
def damaged(lab: Lab, controller: Controller, module_hosts: MakeHosts) -> Damaged:
    tenant, hosts = installed(controller, module_hosts, "hurt", "aio", disk="8G")
    into_the_lab_s_store(tenant, lab)
    of = restored(controller, tenant, hosts)
    saved = of.state()
    of.back_up()
    return Damaged(of, saved, of.lose())


def test_a_component_that_does_not_answer_on_the_restored_state_brings_the_old_one_back(damaged: Damaged) -> None:
    """It is nginx, and it is broken only for as long as the restored database serves."""
    fails = f'ExecStartPre=/bin/sh -c "! ({FORMER.replace(chr(34), chr(39))} | grep --quiet omnileads_old_)"'
    host = damaged.of.app
    host.run(f"mkdir -p $(dirname {BREAK}) && cat >{BREAK} && systemctl daemon-reload", stdin=f"[Service]\n{fails}\n")
    result = damaged.begin().ended()
    host.run(f"rm {BREAK} && systemctl daemon-reload")
    assert (result.status, result.json["state"]["name"]) == (1, "RolledBack"), result.stdout + result.stderr
    assert "the old state serves" in result.json["state"]["message"]
    assert "CUT-501" in codes(result)
    damaged.serves_what_it_did()
    assert damaged.of.databases() == []


def test_kill_9_of_the_controller_leaves_hosts_that_get_back_by_themselves(damaged: Damaged) -> None:
    of = damaged.of
    for moment in (STOPPED, EXCHANGED):
        running = damaged.begin()
        running.until(of.data, moment)
        processes.send(signal.SIGKILL, processes.of_runs(of.controller))
        assert running.ended().status == 1
        wait_for("the way back", lambda: of.data.run(ARMED, check=False).returncode != 0, BY_ITSELF)
        wait_for("the site", lambda: of.app.run(SITE, check=False).returncode == 0, 60)
        damaged.serves_what_it_did()
    assert state(of.run("install")) == "Unchanged"


SITE = "curl --silent --insecure --fail --output /dev/null https://localhost/accounts/login/"


def test_a_loss_of_power_after_the_exchange_boots_into_the_old_state(damaged: Damaged) -> None:
    of = damaged.of
    running = damaged.begin()
    running.until(of.data, EXCHANGED)
    of.data.kill()
    assert running.ended().status == 1
    of.data.start()
    wait_for("the site", lambda: of.app.run(SITE, check=False).returncode == 0, 180)
    wait_for("the way back", lambda: of.data.run(ARMED, check=False).returncode != 0, 60)
    damaged.serves_what_it_did()


def test_w01_a_store_that_is_away_refuses_the_restore_and_one_that_goes_away_in_between_is_waited_for(
    damaged: Damaged, lab: Lab
) -> None:
    of = damaged.of
    lab.store.stop()
    refused = of.run("restore", "--yes")
    assert (refused.status, refused.json["state"]["name"]) == (3, "Refused"), refused.stdout
    damaged.serves_what_it_did()
    lab.store.start()

    running = damaged.begin()
    running.until(of.data, STOPPED)
    lab.store.stop()
    running.until(of.data, "sleep 10")
    lab.store.start()
    result = running.ended()
    assert state(result) == "Completed", result.stdout + result.stderr
    assert of.state() == damaged.saved
    assert len(of.databases()) == 1
    assert answers(of.app.address) == [302, 200]
