"""
Upgrades and rollbacks of one tenant: the old release serves, or the new one, wholly.

All tests meet the same tenant, one after the other, and leave it on the release they say.
"""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import pytest

from cutover.hosts import deadman
from tests.lab import sip
from tests.lab.conftest import MakeHosts
from tests.lab.controller import LEASE, Controller, Result
from tests.lab.flows import processes
from tests.lab.flows.destination import into_the_lab_s_store
from tests.lab.flows.installed import installed
from tests.lab.flows.restored import Restored, restored
from tests.lab.flows.seen import codes, started, state
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.running import Running
from tests.lab.site import answers
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

OLD, NEW = "1.26.0", "1.27.0"
ARMED = "test -s /var/lib/cutover/deadman/token"
MOVED = (
    'sleep 0.5; podman exec oml-postgresql-server psql -U omnileads -d postgres -XAtc "select datname from pg_database"'
    " | grep --quiet omnileads_old_"
)
"""With a pause: asked without one, it takes a processor for itself."""
BY_ITSELF = LEASE + deadman.GRACE + 90
COLUMNS = (
    "select count(*) from information_schema.columns where table_name = 'ominicontacto_app_campana'"
    " and column_name like 'whatsapp%'"
)
COLUMNS_OF_CALLS = "time, callid, queuename, agent, event, data1, data2, data3, data4, data5"
ROWS = "select count(*) from queue_log where event in ('ENTERQUEUE', 'CONNECT', 'COMPLETEAGENT')"
SITE = "curl --silent --insecure --fail --output /dev/null https://localhost/accounts/login/"
NGINX = "systemctl show --property Description --value nginx"
NO_REGISTRY = (
    "nft add table inet trial && nft add chain inet trial out '{{ type filter hook output priority 0; }}'"
    " && nft add rule inet trial out ip daddr {} tcp dport 5000 reject with tcp reset"
)

DESCRIPTION = "systemctl show --property Description --value omnileads"


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The tenant and what tells its release apart."""

    of: Restored

    def ask_for(self, release: str, **tags: str) -> None:
        """Have the inventory say a release, and tags beside it."""
        self.of.tenant.ask_for(release, **tags)

    def serves(self, release: str) -> None:
        """Assert that this release serves, wholly, with all its data."""
        assert answers(self.of.app.address) == [302, 200]
        assert release in self.of.app.output(DESCRIPTION)
        assert self.of.query(COLUMNS) == ("0" if release == OLD else "1")
        assert int(self.of.query(ROWS)) == self.rows
        assert unwatched(self.of.data)

    @property
    def rows(self) -> int:
        """The calls that are in the database from the beginning."""
        return 36

    def upgrade(self) -> Result:
        """Upgrade to what the inventory says, without being asked."""
        return self.of.run("upgrade", "--yes")

    def begin(self) -> Running:
        """Begin to upgrade."""
        return Running(self.of.controller.start("upgrade", self.of.tenant.name, "--yes", "--json"))


@pytest.fixture(scope="module")
def acme(lab: Lab, controller: Controller, module_hosts: MakeHosts) -> Upgraded:
    tenant, hosts = installed(controller, module_hosts, "uphill", "aio", disk="8G")
    into_the_lab_s_store(tenant, lab)
    return Upgraded(restored(controller, tenant, hosts))


def test_w13_an_upgrade_to_what_runs_restarts_nothing(acme: Upgraded) -> None:
    before = started([acme.of.app])
    assert state(acme.upgrade()) == "Unchanged"
    assert started([acme.of.app]) == before


def test_a_restart_restarts_the_component_that_is_named_and_no_other(acme: Upgraded) -> None:
    (before,) = started([acme.of.app])
    assert state(acme.of.run("restart", "--component", "websockets")) == "Completed"
    (after,) = started([acme.of.app])
    moved = set(after.splitlines()) - set(before.splitlines())
    assert len(moved) == 1
    assert acme.of.run("restart", "--component", "webserver").status == 3


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        pytest.param("1.27.0-badmigration", "CUT-802", id="migration"),
        pytest.param("1.26.0-broken", "CUT-501", id="never healthy", marks=pytest.mark.thorough),
    ],
)
def test_w12_a_release_that_fails_half_way_is_left_again(acme: Upgraded, tag: str, code: str) -> None:
    acme.ask_for(OLD, omnileads_version=tag)
    result = acme.upgrade()
    assert (result.status, result.json["state"]["name"]) == (1, "RolledBack"), result.stdout + result.stderr
    assert code in codes(result), result.stdout
    assert "serves" in result.json["state"]["message"]
    acme.serves(OLD)
    assert acme.of.databases() == []


def test_w11_a_tag_that_is_missing_is_refused_before_anything_is_touched(acme: Upgraded) -> None:
    acme.ask_for(NEW, nginx_version="999999.99")
    before = started([acme.of.app])
    result = acme.upgrade()
    assert (result.status, result.json["state"]["name"]) == (3, "Refused"), result.stdout + result.stderr
    assert started([acme.of.app]) == before
    acme.serves(OLD)


@contextmanager
def without_registry(host: Host) -> Iterator[None]:
    """Have a host find nobody at the registry; asked by the controller it has all digests."""
    host.run(NO_REGISTRY.format(host.settings.gateway))
    yield
    host.run("nft delete table inet trial")


@pytest.mark.thorough
def test_w11_a_registry_that_is_gone_when_images_are_fetched_leaves_everything_as_it_is(acme: Upgraded) -> None:
    acme.ask_for(OLD, nginx_version="230923.01")
    before = started([acme.of.app])
    with without_registry(acme.of.app):
        result = acme.upgrade()
    assert (result.status, codes(result)) == (3, ["CUT-404"]), result.stdout + result.stderr
    assert started([acme.of.app]) == before
    acme.serves(OLD)


def unwatched(host: Host) -> bool:
    return host.run(ARMED, check=False).returncode != 0


def kill_controller(acme: Upgraded, running: Running) -> None:
    """Server, worker and run die at once, as with their machine; they come back, and the command goes on following."""
    controller = acme.of.controller
    pids = [processes.server(controller), processes.worker(controller), *processes.of_runs(controller)]
    port = json.loads((controller.home / "server.json").read_text())["port"]
    processes.send(signal.SIGKILL, pids)
    again = controller.run("up", "--port", str(port))
    assert again.status == 0, again.stdout + again.stderr
    wait_for("the way back", partial(unwatched, acme.of.data), BY_ITSELF)
    assert running.ended().json["state"]["type"] == "CRASHED"


def cut_power(acme: Upgraded, running: Running) -> None:
    acme.of.data.kill()
    assert running.ended().status == 1
    acme.of.data.start()


@pytest.mark.thorough
@pytest.mark.parametrize("fail", [kill_controller, cut_power], ids=["killed", "power"])
def test_an_upgrade_that_dies_after_the_schema_has_moved_leaves_a_host_that_gets_back_by_itself(
    acme: Upgraded, fail: Callable[[Upgraded, Running], None]
) -> None:
    acme.ask_for(NEW)
    running = acme.begin()
    running.until(acme.of.data, MOVED)
    fail(acme, running)
    wait_for("the site", lambda: acme.of.app.run(SITE, check=False).returncode == 0, 180)
    wait_for("the way back", partial(unwatched, acme.of.data), 180)
    acme.serves(OLD)


def test_an_upgrade_changes_what_differs_and_keeps_the_way_back(acme: Upgraded) -> None:
    acme.ask_for(NEW)
    same = "systemctl show --property ActiveEnterTimestampMonotonic nginx kamailio redis postgresql minio"
    before = acme.of.app.output(same)
    backups = len(acme.of.listed())
    result = acme.upgrade()
    assert state(result) == "Completed", result.stdout + result.stderr
    assert f"{NEW} serves" in result.json["state"]["message"]
    assert acme.of.app.output(same) == before
    assert len(acme.of.listed()) == backups + 1
    assert "0002_campana_whatsapp" in result.json["plan"]
    acme.serves(NEW)
    assert state(acme.upgrade()) == "Unchanged"


@pytest.mark.thorough
def test_what_somebody_changes_by_hand_is_told_and_left_as_it_is(acme: Upgraded) -> None:
    assert state(acme.of.run("drift")) == "Unchanged"
    acme.of.app.run("cp -a /etc/default/nginx.env /root/kept && echo '# by hand' >>/etc/default/nginx.env")
    found = acme.of.run("drift")
    assert (found.status, found.json["state"]["name"]) == (5, "Drifted"), found.stdout + found.stderr
    (row,) = found.json["result"]
    assert (row["action"], row["message"]) == ("by hand", "/etc/default/nginx.env: changed")
    assert "by hand" in acme.of.app.output("cat /etc/default/nginx.env")
    acme.of.app.run("mv /root/kept /etc/default/nginx.env")


def test_w17_a_rollback_needs_no_registry_says_what_it_costs_and_brings_release_and_database_back(
    acme: Upgraded,
) -> None:
    acme.of.query(
        f"insert into queue_log ({COLUMNS_OF_CALLS}) select now(), 'x', 'q', 'a', 'OTHER', '', '', '', '', ''"
    )
    with without_registry(acme.of.app):
        result = acme.of.run("rollback", "--yes")
    assert state(result) == "Completed", result.stdout + result.stderr
    assert re.search(r"[1-9] of \S*queue_log", result.json["plan"]), result.json["plan"]
    acme.serves(OLD)
    assert state(acme.of.run("rollback", "--yes")) == "Completed"
    acme.serves(NEW)


@pytest.mark.thorough
def test_a_rollback_undoes_every_change_since_the_one_that_is_named(acme: Upgraded) -> None:
    (first,) = acme.of.app.output("ls /var/lib/cutover/kept").split()
    acme.ask_for(NEW, nginx_version="230923.01")
    assert state(acme.upgrade()) == "Completed"
    assert "230923.01" in acme.of.app.output(NGINX)
    assert state(acme.of.run("rollback", first, "--yes")) == "Completed"
    assert "230215.01" in acme.of.app.output(NGINX)
    acme.serves(OLD)
    assert len(acme.of.app.output("ls /var/lib/cutover/kept").split()) == 1


@pytest.mark.thorough
def test_a_component_is_upgraded_alone_and_nothing_else_is_touched(acme: Upgraded) -> None:
    acme.ask_for(NEW, nginx_version="230923.01")
    (before,) = started([acme.of.app])
    result = acme.of.run("upgrade", "--component", "nginx", "--yes")
    assert state(result) == "Completed", result.stdout + result.stderr
    (after,) = started([acme.of.app])
    assert len(set(after.splitlines()) - set(before.splitlines())) == 1
    assert "230923.01" in acme.of.app.output(NGINX)
    drifted = acme.of.run("drift").json["result"]
    assert {row["action"] for row in drifted} == {"inventory"}
    refused = acme.of.run("upgrade", "--component", "app", "--yes")
    assert (refused.status, codes(refused)) == (3, ["CUT-806"]), refused.stdout + refused.stderr
    assert started([acme.of.app]) == [after]
    acme.serves(OLD)


def test_live_calls_are_waited_for_before_asterisk_restarts(acme: Upgraded, lab: Lab) -> None:
    acme.ask_for(NEW if acme.of.query(COLUMNS) == "1" else OLD, asterisk_version="230508.01")
    sip.accept_calls(acme.of.app, lab.settings.gateway)
    with sip.calls(acme.of.app, lab.settings.gateway, count=2, seconds=40) as running:
        result = acme.upgrade()
        assert running.wait(60) == 0
    assert state(result) == "Completed", result.stdout + result.stderr
    assert "asterisk will restart; waits up to 30 minutes for live calls to end" in result.json["plan"]
    (waited,) = (row for row in result.json["result"] if row["action"] == "calls")
    assert waited["message"] == "no live call"
    assert acme.of.app.output("systemctl show --property Description --value asterisk").count("230508.01") == 1


@pytest.mark.thorough
def test_live_calls_are_a_reason_to_refuse_or_are_cut_when_told_to(acme: Upgraded, lab: Lab) -> None:
    acme.of.tenant.add("upgrade_calls: refuse")
    with sip.calls(acme.of.app, lab.settings.gateway, count=1, seconds=300) as running:
        before = started([acme.of.app])
        refused = acme.of.run("restart", "--component", "asterisk")
        assert (refused.status, codes(refused)) == (3, ["CUT-830"]), refused.stdout
        assert state(acme.of.run("restart", "--component", "nginx")) == "Completed"
        assert sip.live(acme.of.app) == 1
        assert state(acme.of.run("restart", "--component", "asterisk", "--cut-calls")) == "Completed"
        assert sip.live(acme.of.app) == 0
        assert running.wait(60) != 0
        assert started([acme.of.app]) != before


@pytest.mark.thorough
def test_of_three_hosts_one_that_loses_power_in_mid_upgrade_comes_back_with_the_others_on_the_old_release(
    lab: Lab, controller: Controller, module_hosts: MakeHosts
) -> None:
    tenant, hosts = installed(controller, module_hosts, "slope", "ait")
    into_the_lab_s_store(tenant, lab)
    slope = Upgraded(restored(controller, tenant, hosts))
    slope.ask_for(NEW)
    running = slope.begin()
    running.until(slope.of.data, MOVED)
    slope.of.app.kill()
    assert running.ended().status == 1
    slope.of.app.start()
    for host in hosts:
        wait_for(f"the way back of {host.name}", partial(unwatched, host), BY_ITSELF)
    wait_for("the site", lambda: slope.of.app.run(SITE, check=False).returncode == 0, 180)
    slope.serves(OLD)
