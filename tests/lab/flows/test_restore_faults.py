"""
What goes wrong in mid-restore: the old database serves again, and restoring again succeeds.

All tests meet one tenant, which has lost something since its backup; so what served before and what comes from the
backup can be told apart at any time. The last test gets it back.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cutover.hosts import deadman
from tests.lab.conftest import MakeHosts
from tests.lab.controller import LEASE, Controller
from tests.lab.flows import processes
from tests.lab.flows.destination import into_the_lab_s_store
from tests.lab.flows.in_the_ui import ShownRun
from tests.lab.flows.installed import installed
from tests.lab.flows.restored import ARMED, Restored, State, restored
from tests.lab.flows.seen import codes, free, started, state
from tests.lab.lab import Lab
from tests.lab.running import Running
from tests.lab.site import answers
from tests.lab.waiting import wait_for

pytestmark = [pytest.mark.lab, pytest.mark.thorough]

STOPPED = f"{ARMED} && ! systemctl --quiet is-active omnileads"
FORMER = 'podman exec oml-postgresql-server psql -U omnileads -d postgres -XAtc "select datname from pg_database"'
EXCHANGED = f"sleep 0.5; {FORMER} | grep --quiet omnileads_old_"
"""With a pause: asked without one, it takes a processor for itself."""
LOADING = """timeout 100 sh -c 'until pkill --signal STOP --full "[c]ourier.py fetch"; do sleep 0.02; done'"""
"""It fetches something of the backup, and gets no further."""
BY_ITSELF = LEASE + deadman.GRACE + 60
KILLED = 120
"""Seconds within which a run that was cancelled has ended; Prefect kills it after thirty."""
SITE = "curl --silent --insecure --fail --output /dev/null https://localhost/accounts/login/"
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

    def cancel(self, state: str) -> None:
        """Cancel the run in that state; return when it has ended and the hosts have nothing more to do with it."""
        run = ShownRun(f"restore {self.of.tenant.name}", state)
        run.cancel()
        wait_for("the end of the run", lambda: run.state() == "CANCELLED", KILLED)
        wait_for("the way back", lambda: self.of.data.run(ARMED, check=False).returncode != 0, BY_ITSELF)
        wait_for("a free tenant", lambda: free(self.of.data), BY_ITSELF)
        wait_for("the site", lambda: self.of.app.run(SITE, check=False).returncode == 0, 180)
        self.serves_what_it_did()

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


def test_a_run_that_is_cancelled_ends_and_leaves_what_served_before_and_a_free_tenant(damaged: Damaged) -> None:
    """In the Prefect UI: while it waits for a yes, while it loads beside what serves, and in the outage."""
    of = damaged.of
    before = started([of.data])
    waiting = of.run("restore")
    assert waiting.json["findings"][0]["code"] == "CUT-340", waiting.stdout + waiting.stderr
    damaged.cancel("PAUSED")

    running = damaged.begin()
    running.until(of.data, LOADING)
    damaged.cancel("RUNNING")
    result = running.ended()
    assert (result.status, result.json["state"]["name"]) == (1, "Cancelled"), result.stdout + result.stderr
    assert started([of.data]) == before, "what served was not touched"

    running = damaged.begin()
    running.until(of.data, STOPPED)
    damaged.cancel("RUNNING")
    assert running.ended().json["state"]["name"] == "Cancelled"


@pytest.mark.parametrize("moment", [STOPPED, EXCHANGED], ids=["stopped", "exchanged"])
def test_kill_9_of_the_controller_leaves_hosts_that_get_back_by_themselves(damaged: Damaged, moment: str) -> None:
    of = damaged.of
    running = damaged.begin()
    running.until(of.data, moment)
    processes.kill_runs(of.controller)
    assert running.ended().status == 1
    wait_for("the way back", lambda: of.data.run(ARMED, check=False).returncode != 0, BY_ITSELF)
    wait_for("the site", lambda: of.app.run(SITE, check=False).returncode == 0, 180)
    damaged.serves_what_it_did()
    # the site answers before the last component does
    wait_for("all components", lambda: of.run("status").status == 0, 120, 2)
    assert state(of.run("install")) == "Unchanged"


def test_a_loss_of_power_after_the_exchange_boots_into_the_old_state(damaged: Damaged) -> None:
    of = damaged.of
    running = damaged.begin()
    running.until(of.data, EXCHANGED)
    of.data.kill()
    assert running.ended().status == 1
    of.data.start()
    wait_for("the site", lambda: of.app.run(SITE, check=False).returncode == 0, 180)
    wait_for("the way back", lambda: of.data.run(ARMED, check=False).returncode != 0, 180)
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
