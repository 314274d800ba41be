"""Backing up a tenant with two of everything: the dump is read from the standby."""

from __future__ import annotations

import pytest

from tests.lab import postgres
from tests.lab.controller import Controller
from tests.lab.flows.seen import codes, state
from tests.lab.flows.stored import Bucket, of, one
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.making import Making
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

SQL = ("sql-1", "sql-2")
OTHERS = ("voice-1", "voice-2", "app-1", "app-2", "haproxy-1", "haproxy-2")
TABLES = "create table queue_log (time timestamptz); insert into queue_log select now() from generate_series(1, 500)"
VERSION = postgres.VERSION
REPLICATION = f"""
echo 'host replication all samenet trust' >>/etc/postgresql/{VERSION}/main/pg_hba.conf
systemctl reload postgresql@{VERSION}-main
runuser -u postgres -- psql -Xqc 'create role standby login replication'
"""
STANDBY = f"""
set -e
pg_createcluster {VERSION} main
pg_conftool {VERSION} main set listen_addresses '*'
echo 'host all all samenet scram-sha-256' >>/etc/postgresql/{VERSION}/main/pg_hba.conf
rm -rf /var/lib/postgresql/{VERSION}/main
runuser -u postgres -- /usr/lib/postgresql/{VERSION}/bin/pg_basebackup --write-recovery-conf --checkpoint=fast \\
  --pgdata=/var/lib/postgresql/{VERSION}/main --host={{}} --username=standby
systemctl start postgresql@{VERSION}-main
"""
READY = "runuser -u postgres -- psql -XAtc 'select pg_is_in_recovery()' | grep -q {}"
PROMOTE = f"pg_ctlcluster {VERSION} main promote"


def holds(host: Host, condition: str) -> bool:
    return host.run(condition, check=False).returncode == 0


def test_w03_an_ha_tenant_is_saved_from_its_standby_and_from_every_host(
    controller: Controller, lab: Lab, hosts: Making
) -> None:
    primary, standby = hosts(2, layer=postgres.LAYER, names=SQL)
    others = hosts(len(OTHERS), layer="omnileads", names=OTHERS)
    tenant = controller.tenant("pair", "ha", [primary, standby, *others])
    database = postgres.serve(primary, "omnileads", "omnileads", tenant.secrets["postgres_password"])
    database.query(TABLES)
    primary.run(REPLICATION)
    standby.run(STANDBY.format(primary.address))
    wait_for("the standby", lambda: holds(standby, READY.format("t")), 60)
    for voice in others[:2]:
        voice.run("mkdir -p /etc/asterisk/custom && hostname >/etc/asterisk/custom/own.conf")
    for variable, value in (
        ("postgres_host", primary.address),
        ("postgres_ro_host", standby.address),
        ("bucket_url", lab.store.url),
        ("bucket_name", "pair"),
    ):
        tenant.edit(f"{variable}: .*", f"{variable}: {value}")
    tenant.give("bucket_access_key", lab.store.access_key)
    tenant.give("bucket_secret_key", lab.store.secret_key)

    own = Bucket.of_lab(lab, "pair")
    result = controller.run("backup", "pair", "--json")
    assert (state(result), codes(result)) == ("Completed", ["CUT-727"])  # no Redis was ever installed here
    (manifest,) = own.manifests()
    own.whole(manifest)
    assert manifest["census"]["tables"] == {"public.queue_log": 500}
    assert one(manifest, "database")["host"] == "app_1"
    assert [stored["host"] for stored in of(manifest, "asterisk")] == ["voice_1", "voice_2"]

    standby.run(PROMOTE)
    wait_for("the promotion", lambda: holds(standby, READY.format("f")), 60)
    assert "CUT-726" in codes(controller.run("backup", "pair", "--json"))
