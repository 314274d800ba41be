"""What goes wrong in mid-install: the run says what happened, and installing again finishes."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from cutover.hosts.converge import RECORD
from tests.lab.conftest import MakeHosts
from tests.lab.controller import LEASE, Controller, Result
from tests.lab.flows import processes
from tests.lab.flows.history import begun_after_the_first_failure
from tests.lab.flows.installed import answering, installed
from tests.lab.flows.seen import FREE, codes, started, state
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.running import Running
from tests.lab.site import answers
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

PULLING = "ls /var/lib/containers/storage/overlay-images/*/manifest"
SILENT_REGISTRY = (
    "nft add table inet trial && nft add chain inet trial out '{ type filter hook output priority 0; }'"
    " && nft add rule inet trial out tcp dport 5000 drop"
)
ASKING = "ss --no-header --tcp state syn-sent '( dport = :5000 )' | grep --quiet ."
"""A pull that asks the registry holds none of podman's locks, which would keep everybody else from looking."""
HOLD = "pkill --signal STOP --full '[p]odman pull'"
GO_ON = "nft delete table inet trial && pkill --signal CONT --full '[p]odman pull'"
STARTING = "systemctl is-active redis"
MAKING = "test -d /var/lib/containers/storage/volumes/oml_postgres/_data/base"
"""PostgreSQL makes its data folder, which takes it a second or two."""

FILL = "fallocate --length $(df --output=avail --block-size=1 /var/lib/containers | tail -1) /var/filler"


def install(controller: Controller, tenant: str) -> Result:
    return controller.run("install", tenant, "--json")


def failed(result: Result, code: str) -> Result:
    assert (result.status, result.json["state"]["name"]) == (1, "Failed"), result.stdout + result.stderr
    assert set(codes(result)) == {code}, result.stdout
    return result


def holds(host: Host, condition: str) -> bool:
    return host.run(condition, check=False).returncode == 0


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        pytest.param("pulled", PULLING, id="pulling", marks=pytest.mark.thorough),
        pytest.param("made", MAKING, id="making"),
    ],
)
def test_a_power_cut_in_mid_install_is_named_and_installing_again_finishes(
    controller: Controller, hosts: MakeHosts, name: str, moment: str
) -> None:
    (host,) = hosts(1, layer="omnileads", disk="8G")
    controller.tenant(name, "aio", [host])
    running = Running.install(controller, name)
    running.until(host, moment)
    host.kill()
    assert host.address in failed(running.ended(), "CUT-201").stdout
    host.start()
    assert state(install(controller, name)) == "Completed"
    assert answers(host.address) == [302, 200]


@pytest.mark.thorough
def test_when_one_of_three_hosts_loses_power_nothing_new_begins_on_the_others(
    controller: Controller, hosts: MakeHosts
) -> None:
    data, voice, app = hosts(3, layer="omnileads", names=["data", "voice", "app"])
    controller.tenant("three", "ait", [data, voice, app])
    running = Running.install(controller, "three")
    running.until(voice, PULLING)
    voice.kill()
    cut = running.ended()
    assert (cut.status, codes(cut)[0]) == (1, "CUT-201"), cut.stdout
    assert voice.address in cut.json["state"]["message"]
    assert begun_after_the_first_failure(controller, cut) == []
    assert holds(data, "! test -e /etc/systemd/system/redis.service")
    assert holds(app, "! test -e /etc/systemd/system/nginx.service")

    voice.start()
    assert state(install(controller, "three")) == "Completed"
    assert answers(app.address) == [302, 200]


@pytest.fixture
def elsewhere(lab: Lab, tmp_path: Path) -> Controller:
    """Another controller, whose runs go on in place; their leases live as long as an operator's who sets nothing."""
    return Controller(lab.settings, tmp_path / "elsewhere")


def copied(tenant: str, source: Controller, target: Controller) -> None:
    shutil.copytree(source.tenants / tenant, target.tenants / tenant)


def test_w19_of_two_installs_one_goes_on_and_the_other_says_who_holds_the_tenant(
    controller: Controller, elsewhere: Controller, hosts: MakeHosts
) -> None:
    """Who comes first is held while it fetches images, until the others have ended."""
    (host,) = hosts(1, layer="omnileads")
    controller.tenant("twice", "aio", [host])
    copied("twice", controller, elsewhere)
    host.run(SILENT_REGISTRY)
    rivals = [Running.install(each, "twice") for each in (controller, controller, elsewhere)]
    wait_for("a pull that asks the registry", lambda: holds(host, ASKING), 180)
    host.run(HOLD)
    wait_for("the end of two of them", lambda: [rival.over for rival in rivals].count(True) == 2, 180)
    host.run(GO_ON)
    results = [rival.ended() for rival in rivals]
    ends = sorted(result.json["state"]["name"] for result in results)
    assert ends == ["Busy", "Busy", "Completed"], [result.stderr for result in results]
    winner = next(result for result in results if result.status == 0)
    for loser in (result for result in results if result is not winner):
        assert loser.status == 4
        assert codes(loser) == ["CUT-211"]
        assert "install by root@" in loser.stdout
        assert winner.json["run"]["id"] in loser.stdout
    assert answers(host.address) == [302, 200]


class Lost:
    """A tenant on a host of its own whose installation is going to be lost in the middle."""

    running: Running

    def __init__(self, controller: Controller, host: Host, name: str) -> None:
        self.controller, self.host, self.name = controller, host, name
        controller.tenant(name, "aio", [host])

    def begin(self) -> None:
        """Install until components are starting."""
        self.running = Running.install(self.controller, self.name)
        self.running.until(self.host, STARTING)


@pytest.mark.thorough
def test_runs_that_died_or_were_cut_off_hold_no_tenant_for_longer_than_their_lease(
    controller: Controller, elsewhere: Controller, hosts: MakeHosts
) -> None:
    """Three runs are lost at the same time, each in its own way, so that one lease's life is waited for once."""
    three = hosts(3, layer="omnileads")
    killed, cut = Lost(controller, three[0], "killed"), Lost(controller, three[1], "cut")
    frozen = Lost(elsewhere, three[2], "frozen")
    copied("frozen", elsewhere, controller)
    killed.begin()
    processes.kill_runs(controller)
    assert killed.running.ended().json["state"]["type"] == "CRASHED"
    processes.send(signal.SIGKILL, [processes.worker(controller)])
    without = install(controller, "killed")
    assert (without.status, without.json["findings"][0]["code"]) == (6, "CUT-615"), without.stdout
    assert controller.run("up").status == 0

    frozen.begin()
    processes.send(signal.SIGSTOP, [frozen.running.pid])
    busy = install(controller, "frozen")
    assert (busy.status, codes(busy)) == (4, ["CUT-211"]), busy.stdout

    cut.begin()
    cut.host.cut()
    failed(cut.running.ended(), "CUT-201")
    cut.host.heal()
    wait_for("the end of all three leases", lambda: all(holds(host, FREE) for host in three), LEASE + 10)

    assert state(install(controller, "frozen")) == "Completed"
    before = started([frozen.host])
    processes.send(signal.SIGCONT, [frozen.running.pid])
    failed(frozen.running.ended(), "CUT-212")
    assert started([frozen.host]) == before

    for again in [Running.install(controller, name) for name in ("killed", "cut")]:
        assert state(again.ended()) == "Completed"


def test_a_component_that_never_becomes_healthy_is_shown_with_its_log_and_breaks_nothing_else(
    controller: Controller, hosts: MakeHosts
) -> None:
    tenant, (host,) = installed(controller, hosts, "broken", "aio")
    tenant.add("omnileads_version: 1.26.0-broken")
    broken = failed(install(controller, "broken"), "CUT-501")
    assert "broken on purpose" in broken.stdout
    assert "django" in broken.json["state"]["message"]
    status = controller.run("status", "broken", "--json")
    assert status.status == 5
    health = {row["component"]: row["result"] for row in status.json["result"]}
    assert health["postgresql"] == health["redis"] == "healthy"
    assert health["django"] != "healthy"

    before = host.output("systemctl show --property ActiveEnterTimestampMonotonic redis postgresql")
    tenant.edit("    omnileads_version: 1.26.0-broken\n", "")
    assert state(install(controller, "broken")) == "Completed"
    assert answers(host.address) == [302, 200]
    assert host.output("systemctl show --property ActiveEnterTimestampMonotonic redis postgresql") == before


@pytest.mark.thorough
def test_a_disk_that_fills_up_in_mid_install_is_named_and_space_is_all_it_needs(
    controller: Controller, hosts: MakeHosts
) -> None:
    (host,) = hosts(1, layer="omnileads", disk="6G")
    controller.tenant("full", "aio", [host])
    running = Running.install(controller, "full")
    running.until(host, PULLING)
    host.run(
        "fallocate --length $(df --output=avail --block-size=1 /var/lib/containers | tail -1) /var/filler", check=False
    )
    result = running.ended()
    assert result.status == 1
    assert "no space left on device" in result.stdout.lower()

    host.run("rm /var/filler")
    assert state(install(controller, "full")) == "Completed"
    assert answers(host.address) == [302, 200]


@pytest.mark.thorough
def test_what_is_done_once_waits_for_what_comes_back_by_itself_after_a_loss_of_power(
    controller: Controller, hosts: MakeHosts
) -> None:
    _, (host,) = installed(controller, hosts, "again", "aio")
    host.run(f'sed -i \'s/"admin password": *"1"/"admin password": ""/\' {RECORD}')
    host.kill()
    host.start()
    done = install(controller, "again")
    assert state(done) == "Completed"
    assert [row["component"] for row in done.json["result"] if row["action"] == "do once"] == ["admin password"]


@pytest.mark.thorough
def test_after_a_reboot_all_components_come_back_and_nothing_is_to_be_done(
    controller: Controller, hosts: MakeHosts
) -> None:
    _, (host,) = installed(controller, hosts, "reboot", "aio")
    boot = host.output("cat /proc/sys/kernel/random/boot_id")
    host.run("systemctl reboot", check=False)
    wait_for(
        f"{host}: another boot",
        lambda: host.run("cat /proc/sys/kernel/random/boot_id", check=False).stdout.strip() not in ("", boot),
        180,
    )
    wait_for(f"{host}: the site", lambda: answering(host), 180, 0.5)
    wait_for(f"{host}: health", lambda: controller.run("status", "reboot", "--json").status == 0, 180)
    before = started([host])
    assert state(install(controller, "reboot")) == "Unchanged"
    assert started([host]) == before
