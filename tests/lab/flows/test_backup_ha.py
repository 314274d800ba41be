"""
Backing up a tenant with two of everything: the dump is read from the standby, and from the primary when that is no use.

Real are PostgreSQL with its streaming standby, the virtual IPs, and the files; nothing else of the tenant runs. The
database is one that an installation made, with calls in it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lab import postgres, tenants
from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller, Result
from tests.lab.flows import kept
from tests.lab.flows.seen import codes, state
from tests.lab.flows.stored import Bucket, files, of, one
from tests.lab.host import Host
from tests.lab.postgres import Database
from tests.lab.tenants import LabTenant
from tests.lab.waiting import wait_for

pytestmark = [pytest.mark.lab, pytest.mark.thorough]

NAME = "twins"
SQL = ("sql_1", "sql_2")
OTHERS = ("voice_1", "voice_2", "app_1", "app_2", "haproxy_1", "haproxy_2")
WRITING, READING = 241, 242
"""The last numbers of the two virtual IPs."""

UNIT = f"postgresql@{postgres.VERSION}-main"
FOLDER = f"/var/lib/postgresql/{postgres.VERSION}/main"
SUPERUSER = "cd / && runuser -u postgres -- psql -XAtq -d omnileads"
REPLICATION = f"""
set -e
echo 'host replication all samenet trust' >>/etc/postgresql/{postgres.VERSION}/main/pg_hba.conf
{SUPERUSER} -c 'alter system set log_connections = on' -c 'alter system set fsync = off' -c 'select pg_reload_conf()' \\
  -c 'create role standby login replication'
"""
STANDBY = f"""
set -e
pg_createcluster {postgres.VERSION} main -- --no-sync
pg_conftool {postgres.VERSION} main set listen_addresses '*'
echo 'host all all samenet scram-sha-256' >>/etc/postgresql/{postgres.VERSION}/main/pg_hba.conf
rm -rf {FOLDER}
cd / && runuser -u postgres -- /usr/lib/postgresql/{postgres.VERSION}/bin/pg_basebackup --write-recovery-conf \\
  --no-sync --checkpoint=fast --pgdata={FOLDER} --host={{}} --username=standby
systemctl start {UNIT}
"""
DUMPS = f"grep -c 'connection authorized: .*application_name=pg_dump' /var/log/postgresql/*-{postgres.VERSION}-main.log"
CALL = """
insert into queue_log (time, callid, queuename, agent, event, data1, data2, data3, data4, data5)
select clock_timestamp(), 'live', queuename, agent, event, '', '', '', '', '' from queue_log limit 1;
"""
CHURN = "delete from churn; vacuum churn; insert into churn values (1);"


@dataclass(frozen=True, slots=True)
class Pair:
    """An HA tenant: its database as it is written, the two hosts that hold it, and the bucket of its backups."""

    controller: Controller
    tenant: LabTenant
    database: Database
    standby: Host
    own: Bucket

    @property
    def primary(self) -> Host:
        """The host whose PostgreSQL is written to."""
        return self.database.host

    def back_up(self) -> Result:
        """Back the tenant up."""
        return self.controller.run("backup", NAME, "--json")

    def dumps(self) -> tuple[int, int]:
        """How often pg_dump has logged in at the primary, and at the standby."""
        return _dumps(self.primary), _dumps(self.standby)

    def tables(self) -> dict[str, int]:
        """The rows of each table that tells of calls, as they are written."""
        names = ("public.queue_log", "public.reportes_app_llamadalog", "public.ominicontacto_app_contacto")
        return {name: int(self.database.query(f"select count(*) from {name}")) for name in names}  # noqa: S608

    @contextmanager
    def repeated(self, statements: str) -> Iterator[None]:
        """Have statements repeated at the primary, many times a second."""
        unit, lines = "repeated", f"{' '.join(statements.split())} select pg_sleep(0.01);"
        command = f'yes "{lines}" | {{ {SUPERUSER} --output=/dev/null --set=ON_ERROR_STOP=1; }}'
        self.primary.run(f"cat >/run/{unit} && systemd-run --quiet --unit={unit} bash /run/{unit}", stdin=command)
        try:
            yield
            self.primary.run(f"systemctl is-active {unit}")
        finally:
            self.primary.run(f"systemctl stop {unit}", check=False)

    @contextmanager
    def setting(self, host: Host, name: str, value: str) -> Iterator[None]:
        """Have a server of the pair set otherwise for a while."""
        host.run(f"{SUPERUSER} -c 'alter system set {name} = {value}' -c 'select pg_reload_conf()'")
        try:
            yield
        finally:
            host.run(f"{SUPERUSER} -c 'alter system reset {name}' -c 'select pg_reload_conf()'")


def _dumps(host: Host) -> int:
    return int(host.run(DUMPS, check=False).stdout)


def holds(host: Host, condition: str) -> bool:
    return host.run(f"{SUPERUSER} -c 'select {condition}'", check=False).stdout.strip() == "t"


@pytest.fixture(scope="module")
def pair(controller: Controller, module_hosts: MakeHosts) -> Pair:
    """Eight hosts; the primary stands on what an installation left, the standby streams from it."""
    lab = module_hosts.lab
    installed = kept.ensure(lab, "cloud")
    made = lab.create([f"{NAME}-sql-1"], golden_state=installed.state(kept.DATABASE))
    made += lab.create([f"{NAME}-sql-2"], postgres.LAYER)
    made += lab.create([f"{NAME}-{name.replace('_', '-')}" for name in OTHERS], "omnileads")
    module_hosts.start(made)
    tenant = tenants.make(controller.tenants, NAME, "ha", made, installed.secrets)
    primary, standby = made[: len(SQL)]
    wait_for("the primary", lambda: holds(primary, "true"), 120, 0.3)
    primary.run(REPLICATION)
    wait_for("the primary's settings", lambda: holds(primary, "not current_setting($$fsync$$)::bool"), 120, 0.3)
    standby.run(STANDBY.format(primary.address))
    wait_for("the standby", lambda: holds(standby, "exists (select from pg_stat_wal_receiver)"), 120, 0.3)

    net = lab.settings.net
    for host, variable, number in ((primary, "postgres_host", WRITING), (standby, "postgres_ro_host", READING)):
        host.run(f"ip address add {net}.{number}/24 dev eth0")
        tenant.edit(f"{variable}: .*", f"{variable}: {net}.{number}")
    for name, host in zip((*SQL, *OTHERS), made, strict=True):
        host.run(f"mkdir -p /etc/omnileads && echo {name} >/etc/omnileads/{name}.conf")
    for name, host in zip(OTHERS[:2], made[len(SQL) :], strict=False):
        host.run(f"mkdir -p /etc/asterisk/custom && echo '; {name}' >/etc/asterisk/custom/{name}.conf")

    own = Bucket.of_lab(lab, NAME)
    shutil.copytree(installed.bucket, lab.store.data / NAME, dirs_exist_ok=True)
    tenant.edit("bucket_url: .*", f"bucket_url: {lab.store.url}")
    tenant.edit("bucket_name: .*", f"bucket_name: {NAME}")
    tenant.give("bucket_access_key", lab.store.access_key)
    tenant.give("bucket_secret_key", lab.store.secret_key)
    database = Database(primary, "omnileads", "omnileads", tenant.secrets["postgres_password"])
    return Pair(controller, tenant, database, standby, own)


def completed(result: Result) -> list[str]:
    """What a backup that was made warns of, without Redis, which was never installed here."""
    assert state(result) == "Completed", result.stdout + result.stderr
    return [code for code in codes(result) if code != "CUT-727"]


def between(before: dict[str, int], manifest: dict[str, Any], after: dict[str, int]) -> None:
    """Assert that a census is of a moment between two counts."""
    counted = manifest["census"]["tables"]
    for table, rows in before.items():
        assert rows <= counted[table] <= after[table], table


def test_w03_an_ha_tenant_is_saved_from_its_standby_while_its_primary_is_written(pair: Pair) -> None:
    at_primary, at_standby = pair.dumps()
    with pair.repeated(CALL):
        before = pair.tables()
        assert completed(pair.back_up()) == []
        after = pair.tables()
    assert pair.dumps() == (at_primary, at_standby + 1)
    manifest = pair.own.manifests()[-1]
    pair.own.whole(manifest)
    assert after["public.queue_log"] > before["public.queue_log"] > 0
    between(before, manifest, after)
    assert (manifest["layout"], one(manifest, "database")["host"]) == ("ha", "app_1")
    assert {stored["host"] for stored in of(manifest, "configuration")} == {*SQL, *OTHERS}
    for stored in of(manifest, "configuration"):
        assert f"etc/omnileads/{stored['host']}.conf" in files(pair.own.plain(stored))
    custom = {stored["host"]: files(pair.own.plain(stored)) for stored in of(manifest, "asterisk")}
    assert {host: f"./{host}.conf" in found for host, found in custom.items()} == {"voice_1": True, "voice_2": True}

    drill = pair.controller.run("drill", NAME, manifest["id"], "--json")
    assert state(drill) == "Proven", drill.stdout + drill.stderr


def test_what_a_standby_lacks_that_stands_still_is_saved_from_the_primary(pair: Pair) -> None:
    at_primary, at_standby = pair.dumps()
    pair.standby.run(f"{SUPERUSER} -c 'select pg_wal_replay_pause()'")
    try:
        pair.database.query(CALL)
        rows = pair.tables()
        result = pair.back_up()
    finally:
        pair.standby.run(f"{SUPERUSER} -c 'select pg_wal_replay_resume()'")
    assert completed(result) == ["CUT-726"]
    assert "has stopped following its primary" in result.stdout
    assert pair.dumps() == (at_primary + 1, at_standby)
    between(rows, pair.own.manifests()[-1], rows)


def test_a_dump_that_the_standby_ends_for_the_sake_of_replication_is_made_at_the_primary(pair: Pair) -> None:
    at_primary, _ = pair.dumps()
    pair.database.query("create table churn (id int)")
    with pair.setting(pair.standby, "max_standby_streaming_delay", "0"), pair.repeated(CHURN):
        result = pair.back_up()
    assert completed(result) == ["CUT-726"]
    assert "hot_standby_feedback = on" in result.stdout
    assert pair.dumps()[0] == at_primary + 1
    manifest = pair.own.manifests()[-1]
    pair.own.whole(manifest)
    assert manifest["census"]["tables"]["public.churn"] in (0, 1)
    assert pair.own.uploads() == []


def test_without_a_standby_the_primary_is_saved_and_without_both_nothing_is_sent(pair: Pair) -> None:
    at_primary, at_standby = pair.dumps()
    pair.standby.run(f"systemctl stop {UNIT}")
    try:
        assert completed(pair.back_up()) == ["CUT-726"]
        assert pair.dumps() == (at_primary + 1, at_standby)
        there = pair.own.names()
        pair.primary.run(f"systemctl stop {UNIT}")
        refused = pair.back_up()
    finally:
        pair.primary.run(f"systemctl start {UNIT}")
        pair.standby.run(f"systemctl start {UNIT}")
    assert (refused.status, codes(refused)[:2]) == (3, ["CUT-723", "CUT-723"]), refused.stdout
    for variable, number in (("postgres_host", WRITING), ("postgres_ro_host", READING)):
        assert re.search(rf"no PostgreSQL answers at \S+\.{number}:5432", refused.stdout), refused.stdout
        assert f"check {variable}," in refused.stdout
    assert pair.own.names() == there
