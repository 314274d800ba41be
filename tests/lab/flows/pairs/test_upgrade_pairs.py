"""
Upgrades, rollbacks and restarts of an HA tenant: one host of a pair after the other, and the site answers meanwhile.

All tests meet the same tenant, one after the other, and leave it on the release they say.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cutover.hosts import deadman, handover
from cutover.hosts.script import call, script
from tests.lab.controller import LEASE, Result
from tests.lab.flows.paired import PATIENCE, Paired, other
from tests.lab.flows.pairs import NAME
from tests.lab.flows.seen import codes, started, state
from tests.lab.host import Host
from tests.lab.running import Running
from tests.lab.site import answers
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

OLD, NEW = "1.26.0", "1.27.0"
COLUMNS = (
    "select count(*) from information_schema.columns where table_name = 'ominicontacto_app_campana'"
    " and column_name like 'whatsapp%'"
)
SQL = 'cd / && runuser -u postgres -- psql -XAtc "{}" omnileads'
MOVED = "sleep 0.5; cd / && runuser -u postgres -- psql -lqt | grep --quiet omnileads_old_"
"""With a pause: asked without one, it takes a processor for itself."""
ARMED = "test -s /var/lib/cutover/deadman/token"
BY_ITSELF = LEASE + deadman.GRACE + 120


def upgrade(acme: Paired) -> Result:
    """Upgrade to what the inventory says, without being asked."""
    return acme.controller.run("upgrade", NAME, "--yes", "--json")


def unwatched(host: Host) -> bool:
    """Does the host watch no run any more?"""
    return host.run(ARMED, check=False).returncode != 0


def serves(acme: Paired, release: str, *names: str) -> None:
    """Assert that the site answers, by this release alone, and that both databases have its schema."""
    acme.answers()
    for name in names or ("app_1", "app_2"):
        said = acme.hosts[name].output("systemctl show --property Description --value omnileads")
        assert f"django {release} " in said, (name, said)
        assert unwatched(acme.hosts[name]), name
    for name in ("sql_1", "sql_2"):
        found = acme.hosts[name].output(SQL.format(COLUMNS)).strip()
        assert found == ("0" if release == OLD else "1"), name
    assert len(acme.running("omlcron")) == 1


@contextmanager
def visited(acme: Paired) -> Iterator[list[str]]:
    """Have somebody ask for the site at its virtual IP all the while; give what went wrong."""
    address, over = acme.addresses["application_host"], threading.Event()
    refused: list[str] = []

    def visit() -> None:
        began = time.monotonic()
        while not over.wait(0.2):
            try:
                found = answers(address)
            except OSError as error:
                refused.append(f"after {time.monotonic() - began:.1f} s: {error}")
            else:
                if found != [302, 200]:
                    refused.append(f"after {time.monotonic() - began:.1f} s: {found}")

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield refused
    finally:
        over.set()
        visitor.join()


def order(result: Result, component: str) -> list[str]:
    """The hosts on which a run has started a component, in their order."""
    rows = [row for row in result.json["result"] if (row["component"], row["action"]) == (component, "start")]
    return [row["host"] for row in rows]


@pytest.fixture(scope="module", autouse=True)
def unsaved(acme: Paired) -> None:
    """Backups have tests of their own."""
    acme.tenant.add("upgrade_backup: none")


@pytest.mark.thorough
def test_w13_an_upgrade_to_what_runs_restarts_nothing(acme: Paired) -> None:
    before = started(acme.all)
    assert state(upgrade(acme)) == "Unchanged"
    assert started(acme.all) == before


@pytest.mark.thorough
def test_a_pair_that_has_lost_a_host_is_refused_before_anything_is_touched(acme: Paired) -> None:
    acme.tenant.ask_for(OLD, nginx_version="230923.01")
    (holder,) = acme.holders("voice_host")
    acme.hosts[other(holder)].run("systemctl stop keepalived")
    before = started(acme.all)
    refused = upgrade(acme)
    assert (refused.status, codes(refused)) == (3, ["CUT-871"]), refused.stdout + refused.stderr
    assert started(acme.all) == before
    acme.hosts[other(holder)].run("systemctl start keepalived")
    acme.becomes("keepalived", lambda: acme.waiting(other(holder)), other(holder))


def test_a_web_node_that_refuses_haproxy_is_left_without_a_loss_and_taken_back_by_itself(acme: Paired) -> None:
    app = acme.hosts["app_2"]
    with visited(acme) as refused:
        app.run(script((handover.LIBRARY,), [call("door_closes", 443, 15)]))
        wait_for("HAProxy to leave app_2", lambda: not acme.leads_to("app_2"), PATIENCE, 0.3)
        assert app.output("curl --silent --insecure --head https://localhost/ | head -n 1").split()[1] == "302"
        wait_for("HAProxy to come back", lambda: acme.leads_to("app_2"), PATIENCE, 0.5)
    assert refused == []


@pytest.mark.thorough
def test_w12_a_release_that_never_answers_meets_one_host_and_the_other_serves_all_the_while(acme: Paired) -> None:
    acme.tenant.ask_for(OLD, omnileads_version="1.26.0-broken")
    acme.tenant.edit("ops@example.net", "others@example.net")
    (before,) = started([acme.hosts["app_2"]])
    with visited(acme) as refused:
        result = upgrade(acme)
    assert (result.status, result.json["state"]["name"]) == (1, "RolledBack"), result.stdout + result.stderr
    assert "CUT-501" in codes(result), result.stdout
    assert started([acme.hosts["app_2"]]) == [before]
    assert refused == []
    serves(acme, OLD)
    acme.tenant.ask_for(OLD)
    acme.tenant.edit("others@example.net", "ops@example.net")
    assert state(upgrade(acme)) == "Unchanged"


@pytest.mark.thorough
def test_when_the_host_that_decides_is_lost_after_the_schema_has_moved_the_other_brings_the_old_release_back(
    acme: Paired,
) -> None:
    acme.tenant.ask_for(NEW)
    (primary,) = acme.holders("postgres_host")
    running = Running(acme.controller.start("upgrade", NAME, "--yes", "--json"))
    running.until(acme.hosts[primary], MOVED)
    acme.hosts["app_1"].kill()
    assert running.ended().status == 1
    wait_for("the way back of app_2", lambda: unwatched(acme.hosts["app_2"]), BY_ITSELF, 1.0)
    serves(acme, OLD, "app_2")
    acme.hosts["app_1"].start()
    wait_for("the way back of all", lambda: all(map(unwatched, acme.all)), BY_ITSELF, 1.0)
    acme.becomes("Redis", lambda: acme.running("redis"), "app_1", "app_2")
    wait_for("the site of app_1", lambda: acme.leads_to("app_1"), PATIENCE, 1.0)
    serves(acme, OLD)


def test_w15_hosts_change_one_after_the_other_the_active_one_last_and_the_site_answers_all_the_while(
    acme: Paired,
) -> None:
    acme.tenant.ask_for(OLD, asterisk_version="230417.01", nginx_version="230923.01")
    acme.tenant.add("LOGIN_FAILURE_LIMIT: 7")
    (active,) = acme.holders("voice_host")
    with visited(acme) as refused:
        result = upgrade(acme)
    assert state(result) == "Completed", result.stdout + result.stderr
    assert refused == []
    assert order(result, "django") == ["app_1", "app_2"]
    assert order(result, "asterisk") == [other(active), active]
    assert acme.holders("voice_host") == [other(active)]
    serves(acme, OLD)


@pytest.mark.thorough
def test_w37_redis_restarts_as_a_replica_on_either_host_and_haproxy_without_the_address(acme: Paired) -> None:
    (active,) = acme.holders("application_host")
    result = acme.controller.run("restart", NAME, "--component", "redis", "--component", "haproxy", "--json")
    assert state(result) == "Completed", result.stdout + result.stderr
    assert order(result, "haproxy") == [other(active), active]
    assert acme.holders("application_host") == [other(active)]
    assert order(result, "redis") == ["app_2", "app_1"]
    assert acme.masters() == ["app_2"]
    serves(acme, OLD)


@pytest.mark.thorough
def test_a_rollback_does_the_same_the_other_way_round(acme: Paired) -> None:
    (active,) = acme.holders("voice_host")
    with visited(acme) as refused:
        result = acme.controller.run("rollback", NAME, "--yes", "--json")
    assert state(result) == "Completed", result.stdout + result.stderr
    assert refused == []
    assert order(result, "asterisk") == [other(active), active]
    serves(acme, OLD)


@pytest.mark.thorough
def test_an_upgrade_moves_the_schema_once_and_both_hosts_serve_the_new_release(acme: Paired) -> None:
    acme.tenant.ask_for(NEW)
    result = upgrade(acme)
    assert state(result) == "Completed", result.stdout + result.stderr
    assert order(result, "django") == ["app_1", "app_2"]
    serves(acme, NEW)
    assert state(upgrade(acme)) == "Unchanged"
