"""
Restoring a tenant with two of everything: both database hosts have the restored state, or both the old one.

The tenant has lost something since its backup, so what served before and what comes from the backup can be told apart
at any time. Those that take minutes leave its database on the other host.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from cutover.hosts import deadman
from cutover.hosts.swap import Names, swap_back_statement
from tests.lab.controller import LEASE, Result
from tests.lab.flows import processes
from tests.lab.flows.installed import DJANGO
from tests.lab.flows.paired import PATIENCE, Paired, other
from tests.lab.flows.pairs import NAME
from tests.lab.flows.restored import ARMED, COUNTS, CUSTOM, DATABASES, OUTSIDE
from tests.lab.flows.seen import FREE, codes, state
from tests.lab.length import at_length
from tests.lab.running import Running
from tests.lab.waiting import wait_for

pytestmark = [pytest.mark.lab, pytest.mark.thorough]

BY_ITSELF = LEASE + deadman.GRACE + 120
LOST = "delete from queue_log where id % 2 = 0; truncate ominicontacto_app_contacto cascade"
SWAPPED = f"sleep 0.5; {OUTSIDE.format('postgres', shlex.quote(DATABASES))} | grep --quiet _old_"
BREAK = "/etc/systemd/system/asterisk.service.d/broken.conf"
FAILS = f"[Service]\nExecStartPre=/bin/sh -c '! ls -d {CUSTOM}.old-*'\n"
"""Asterisk does not start for as long as its former files stand beside those in use."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """The tenant, with a backup."""

    of: Paired
    backup: str

    def run(self, verb: str, *arguments: str) -> Result:
        """Run a command on the tenant."""
        return self.of.controller.run(verb, NAME, *arguments, "--json")

    def restore(self) -> Running:
        """Begin to restore."""
        return Running(self.of.controller.start("restore", NAME, self.backup, "--yes", "--json"))

    def sql(self, name: str, statement: str, database: str = "omnileads") -> str:
        """Run a statement on a database host."""
        return self.of.hosts[name].output(OUTSIDE.format(database, shlex.quote(statement)))

    @property
    def primary(self) -> str:
        """The host that is written to."""
        (holder,) = self.of.holders("postgres_host")
        return holder

    def state(self, of: str = "") -> tuple[str, ...]:
        """What the tenant holds: rows as a database host has them, both hosts' files, live statistics."""
        redis = "podman exec oml-redis-server redis-cli -h {} hgetall standin:statistics"
        apps = [self.of.hosts[name] for name in ("app_1", "app_2")]
        files = [self.of.hosts[name].output(f"cat {CUSTOM}/*.conf | sha256sum") for name in ("voice_1", "voice_2")]
        statistics = [host.output(redis.format(host.address)) for host in apps]
        return (self.sql(of or self.primary, COUNTS), *files, *statistics)

    def beside(self, name: str) -> list[str]:
        """The databases beside the tenant's own on a host."""
        return self.sql(name, DATABASES, "postgres").splitlines()

    def lose(self) -> tuple[str, ...]:
        """Change everything, as a person with a bad day would; return what is there then."""
        self.sql(self.primary, LOST)
        for name in ("voice_1", "voice_2"):
            self.of.hosts[name].run(f"echo lost >{CUSTOM}/lost.conf")
        (master,) = self.of.masters()
        host = self.of.hosts[master]
        host.run(f"podman exec oml-redis-server redis-cli -h {host.address} hset standin:statistics lost 1")
        wait_for("both to have lost it", lambda: len(set(self.state()[3:])) == 1, PATIENCE)
        return self.state()

    def guard(self, name: str) -> dict[str, Any]:
        """What the guard of a database host says."""
        said = self.of.hosts[name].run("cutover-pair status", check=False)
        found: dict[str, Any] = json.loads(said.stdout) if said.returncode == 0 else {}
        return found

    def follows(self, standby: str) -> bool:
        """Does this host stream from the other one?"""
        found = self.guard(standby)
        return found.get("role") == "standby" and bool(found.get("streaming"))

    def whole(self, primary: str, expected: tuple[str, ...]) -> None:
        """Assert that this state serves, on both database hosts, and that every pair has one that is active."""
        standby = other(primary)
        wait_for(f"{standby} following", lambda: self.follows(standby), PATIENCE, 1.0)
        wait_for("one state on both", lambda: self.state(standby) == self.state(primary), PATIENCE, 1.0)
        assert self.state(primary) == expected
        self.serves(primary)

    def serves(self, primary: str) -> None:
        """Wait until the platform serves, with its database on this host."""
        self.of.becomes("the address for writing", partial(self.of.holders, "postgres_host"), primary)
        self.of.answers()
        wait_for("cron on one host", lambda: len(self.of.running("omlcron")) == 1, PATIENCE, 1.0)
        wait_for("telephony on one host", lambda: len(self.of.holders("voice_host")) == 1, PATIENCE, 1.0)

    def settled(self) -> None:
        """Wait until no host that is on has anything to do with a restore any more."""
        on = [host for host in self.of.all if host.running]
        wait_for("the way back", lambda: not any(holds(host.run(ARMED, check=False)) for host in on), BY_ITSELF, 1.0)
        wait_for("a free tenant", lambda: all(holds(host.run(FREE, check=False)) for host in on), BY_ITSELF, 1.0)


def holds(result: Any) -> bool:
    return bool(result.returncode == 0)


@pytest.fixture(scope="module")
def mirrored(acme: Paired) -> Mirrored:
    acme.answers()
    acme.hosts["app_1"].run(f"{DJANGO} standin_calls 4")
    for name in ("voice_1", "voice_2"):
        acme.hosts[name].run(f"echo '; of {name}' >{CUSTOM}/own.conf")
    assert state(acme.controller.run("backup", NAME, "--json")) == "Completed"
    listed = acme.controller.run("backups", NAME, "--json").json["backups"]
    return Mirrored(acme, str(listed[0]["id"]))


@pytest.fixture(scope="module")
def saved(mirrored: Mirrored) -> tuple[str, ...]:
    return mirrored.state()


@pytest.fixture(scope="module")
def lost(mirrored: Mirrored, saved: tuple[str, ...]) -> tuple[str, ...]:
    lost = mirrored.lose()
    assert all(before != after for before, after in zip(saved, lost, strict=True))
    return lost


@at_length
def test_a_check_that_fails_leaves_the_old_state_serving_on_both_database_hosts(
    mirrored: Mirrored, lost: tuple[str, ...]
) -> None:
    host = mirrored.of.hosts["voice_2"]
    host.run(f"mkdir -p $(dirname {BREAK}) && cat >{BREAK} && systemctl daemon-reload", stdin=FAILS)
    result = mirrored.restore().ended()
    host.run(f"rm {BREAK} && systemctl daemon-reload")
    assert (result.status, result.json["state"]["name"]) == (1, "RolledBack"), result.stdout + result.stderr
    assert "CUT-501" in codes(result)
    mirrored.whole("sql_1", lost)
    assert mirrored.beside("sql_1") == mirrored.beside("sql_2") == []


def test_an_ha_tenant_gets_back_what_it_lost_and_its_standby_has_it_as_well(
    mirrored: Mirrored, saved: tuple[str, ...], lost: tuple[str, ...]
) -> None:
    assert mirrored.state() == lost
    result = mirrored.run("restore", mirrored.backup, "--yes")
    assert state(result) == "Completed", result.stdout + result.stderr
    assert [row["result"] for row in result.json["result"] if row["component"] == "standby"] == ["ok"]
    mirrored.whole("sql_1", saved)
    (old,) = mirrored.beside("sql_2")
    assert mirrored.sql("sql_2", "select count(*) from ominicontacto_app_contacto", old) == "0"
    assert state(mirrored.run("install")) == "Unchanged"

    # a host that was away when it was confirmed, and would go back now
    late = swap_back_statement(Names("omnileads", old.rpartition("_")[2]))
    mirrored.sql("sql_1", late, "postgres")
    assert mirrored.beside("sql_1") == [old]

    assert state(mirrored.run("release-old", "--yes")) == "Completed"
    wait_for("no former database", lambda: not mirrored.beside("sql_1") + mirrored.beside("sql_2"), PATIENCE)


@at_length
def test_kill_9_of_the_controller_leaves_hosts_that_get_back_by_themselves(
    mirrored: Mirrored, saved: tuple[str, ...]
) -> None:
    lost = mirrored.lose()
    running = mirrored.restore()
    running.until(mirrored.of.hosts["sql_1"], SWAPPED)
    processes.kill_runs(mirrored.of.controller)
    assert running.ended().status == 1
    mirrored.settled()
    mirrored.whole("sql_1", lost)


@at_length
def test_a_primary_that_loses_power_after_the_exchange_leaves_the_old_state_on_the_one_that_takes_over(
    mirrored: Mirrored,
) -> None:
    lost = mirrored.state()
    running = mirrored.restore()
    running.until(mirrored.of.hosts["sql_1"], SWAPPED)
    mirrored.of.hosts["sql_1"].kill()
    assert running.ended().status == 1
    mirrored.serves("sql_2")
    mirrored.settled()
    assert mirrored.state("sql_2") == lost
    assert not [name for name in mirrored.beside("sql_2") if "_old_" in name]


@at_length
def test_without_its_standby_a_tenant_is_restored_and_told_to_recover_which_makes_that_a_fresh_one(
    mirrored: Mirrored, saved: tuple[str, ...]
) -> None:
    """The roles are turned round since the last test, and the former primary is fenced."""
    mirrored.of.hosts["sql_1"].start()
    wait_for("the former primary fenced", lambda: bool(mirrored.guard("sql_1").get("fenced")), PATIENCE, 1.0)
    result = mirrored.run("restore", mirrored.backup, "--yes")
    assert state(result) == "Completed", result.stdout + result.stderr
    assert "CUT-861" in codes(result)
    assert f"cutover recover {NAME}" in result.stdout
    assert mirrored.state("sql_2") == saved
    mirrored.serves("sql_2")

    mirrored.run("recover", "--yes")
    mirrored.whole("sql_2", saved)
    assert len(mirrored.beside("sql_1")) == 1, "what served before, and nothing of those that failed"
