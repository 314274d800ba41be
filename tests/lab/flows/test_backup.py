"""Backing each layout up on real hosts, as an operator would (W03, W04, W06)."""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller, Result
from tests.lab.flows.installed import calls, installed
from tests.lab.flows.seen import codes, state
from tests.lab.flows.stored import Bucket, files, listed, of, on_minio, one
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.tenants import LabTenant

pytestmark = pytest.mark.lab

NAME = "saved"
# A pair of age, used in tests only.
IDENTITY = "AGE-SECRET-KEY-1ZXCFSLJ0P93P03W78Y9RPSE2AJEDVN4L0UL78KW8DQWXKHEL2PYQD99SRS"
RECIPIENT = "age1aj4eu3eqwk9tvqfwu6ytgjmk0wzlusy3af6dvxkq3gpylqyle9psekg74e"
LEFT = "ls /run/cutover/jobs; podman ps --all --quiet --filter name=cutover-job"
QUERY = "podman exec oml-postgresql-server psql -U omnileads -d omnileads -XAtc {!r}"


@dataclass(frozen=True, slots=True)
class Saved:
    """An AIO tenant with data, and its own bucket."""

    tenant: LabTenant
    host: Host
    own: Bucket

    def rows(self, table: str) -> int:
        """How many rows a table has now."""
        return len(self.host.output(QUERY.format(f"table {table}")).splitlines())


@pytest.fixture(scope="module")
def aio(controller: Controller, module_hosts: MakeHosts) -> Iterator[Saved]:
    tenant, (host,) = installed(controller, module_hosts, NAME, "aio")
    host.run(QUERY.format('create schema "Odd one"'))
    host.run(QUERY.format('create table "Odd one"."two words" as select 1 as id'))
    host.run("mkdir -p '/etc/asterisk/custom/deep er' && echo one >'/etc/asterisk/custom/deep er/än x.conf'")
    with on_minio(host, tenant, "omnileads") as own:
        yield Saved(tenant, host, own)


def back_up(controller: Controller, tenant: str = NAME) -> Result:
    return controller.run("backup", tenant, "--json")


def saves_into(tenant: LabTenant, lab: Lab, bucket: str) -> None:
    """Have a tenant's backups go into a bucket of the lab's store."""
    lab.store.make_bucket(bucket)
    if "backup_bucket_name" in tenant.inventory.read_text():
        tenant.edit("backup_bucket_name: .*", f"backup_bucket_name: {bucket}")
        return
    tenant.give("vault", lab.store.secret_key)
    for line in (
        f"backup_bucket_url: {lab.store.url}",
        f"backup_bucket_name: {bucket}",
        f"backup_bucket_access_key: {lab.store.access_key}",
        "backup_bucket_secret_key: {file: secrets/vault}",
    ):
        tenant.add(line)


def opened_on(host: Host, content: bytes) -> bytes:
    """What a host makes of an encrypted object with the identity."""
    command = f"base64 -d | age --decrypt --identity <(echo {IDENTITY}) | zstd --decompress | base64"
    given = f"{base64.b64encode(content).decode()}\n"
    return base64.b64decode(host.run(f"bash -c {shlex.quote(command)}", stdin=given).stdout)


def rows(result: Result) -> dict[str, dict[str, Any]]:
    return {row["component"]: row for row in result.json["result"]}


def test_w03_an_aio_is_saved_whole_into_its_own_bucket_with_a_warning(controller: Controller, aio: Saved) -> None:
    before = aio.rows("queue_log")
    result = back_up(controller)
    assert state(result) == "Completed", result.stdout + result.stderr
    assert codes(result) == ["CUT-725"]
    (manifest,) = aio.own.manifests()
    aio.own.whole(manifest)
    assert (manifest["tenant"], manifest["layout"], manifest["release"]) == (NAME, "aio", "1.26.0")
    assert manifest["postgres"].startswith("15.")
    assert manifest["run"] == result.json["run"]["id"]
    assert manifest["census"]["tables"]["public.queue_log"] == before > 0
    assert manifest["census"]["tables"]['"Odd one"."two words"'] == 1
    assert manifest["census"]["newest_call"] is not None
    assert "plperl" in manifest["census"]["extensions"]

    custom = files(aio.own.plain(one(manifest, "asterisk")))
    assert "./deep er/än x.conf" in custom
    configuration = files(aio.own.plain(one(manifest, "configuration")))
    for path in ("etc/omnileads/certs/key.pem", "etc/default/django.env", "etc/systemd/system/nginx.service"):
        assert path in configuration
    assert "var/lib/cutover/record.json" in configuration
    assert aio.own.plain(one(manifest, "redis")).startswith(b"REDIS")
    assert "inventory.yml" in files(aio.own.plain(one(manifest, "inventory")))
    index = [json.loads(line) for line in aio.own.plain(one(manifest, "media")).splitlines()]
    recordings = [each["key"] for each in index if each["key"].endswith(".wav")]
    assert sorted(each["key"] for each in index) == sorted(k for k in aio.own.names() if not k.startswith("backup/"))
    assert len(recordings) >= 12
    assert aio.own.uploads() == []


@pytest.mark.thorough
def test_recordings_go_to_another_bucket_and_only_the_new_ones_the_second_time(
    controller: Controller, lab: Lab, aio: Saved
) -> None:
    vault = Bucket.of_lab(lab, "vault", f"{NAME}/")
    saves_into(aio.tenant, lab, "vault")
    first = back_up(controller)
    assert (state(first), codes(first)) == ("Completed", [])
    calls([aio.host], 3)
    second = back_up(controller)
    manifests = vault.manifests()
    assert [len(of(each, "media")) for each in manifests] == [1, 1]
    vault.whole(manifests[1])
    index = [json.loads(line) for line in vault.plain(one(manifests[1], "media")).splitlines()]
    assert f"3 of {len(index)} objects were new" in rows(second)["recordings"]["message"]
    for each in index:
        content = vault.get(each["key"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (each["size"], each["sha256"])
    assert vault.uploads() == []
    assert aio.host.output(LEFT) == ""


def test_with_a_recipient_nothing_can_be_read_without_the_identity(
    controller: Controller, lab: Lab, aio: Saved
) -> None:
    vault = Bucket.of_lab(lab, "sealed", f"{NAME}/")
    saves_into(aio.tenant, lab, "sealed")
    aio.tenant.add(f"backup_recipient: {RECIPIENT}")
    assert state(back_up(controller)) == "Completed"
    (manifest,) = vault.manifests()
    assert manifest["encrypted_for"] == RECIPIENT
    for stored in manifest["objects"]:
        content = vault.get(stored["key"])
        assert stored["key"].endswith(".age")
        assert content.startswith(b"age-encryption.org/v1\n")
        assert hashlib.sha256(content).hexdigest() == stored["sha256"]
    opened = opened_on(aio.host, vault.get(one(manifest, "database")["key"]))
    assert "TABLE DATA public queue_log" in listed(opened)


def test_w03_without_a_database_there_is_no_backup(controller: Controller, aio: Saved) -> None:
    aio.host.run("systemctl stop postgresql")
    try:
        result = back_up(controller)
    finally:
        aio.host.run("systemctl start postgresql")
    assert (result.status, codes(result)[0]) == (3, "CUT-723"), result.stdout


@pytest.mark.thorough
def test_an_ait_is_saved_from_its_three_hosts_by_a_user_with_sudo(
    controller: Controller, lab: Lab, hosts: MakeHosts
) -> None:
    tenant, three = installed(controller, hosts, "split", "ait", only={"postgresql", "minio", "redis"})
    tenant.edit("ansible_user: root", "ansible_user: ops")
    saves_into(tenant, lab, "vault")
    result = back_up(controller, "split")
    assert (state(result), codes(result)) == ("Completed", [])
    vault = Bucket.of_lab(lab, "vault", "split/")
    (manifest,) = vault.manifests()
    vault.whole(manifest)
    assert one(manifest, "asterisk")["host"] == "omnileads_voice"
    assert one(manifest, "database")["host"] == one(manifest, "redis")["host"] == "omnileads_data"
    assert {stored["host"] for stored in of(manifest, "configuration")} == {
        *("omnileads_data", "omnileads_voice", "omnileads_app")
    }
    assert [host.output(LEFT) for host in three] == ["", "", ""]


@pytest.mark.thorough
def test_w03_an_outside_database_is_dumped_from_the_application_s_host_into_an_outside_bucket(
    controller: Controller, lab: Lab, hosts: MakeHosts
) -> None:
    installed(controller, hosts, "outside", "cloud", only={"redis"})
    result = back_up(controller, "outside")
    assert (state(result), codes(result)) == ("Completed", [])
    own = Bucket.of_lab(lab, "outside")
    (manifest,) = own.manifests()
    own.whole(manifest)
    assert one(manifest, "database")["host"] == "omnileads_app"
    assert manifest["census"]["tables"]["public.queue_log"] > 0
    assert "stay where they are" in rows(result)["recordings"]["message"]
