"""Backing each layout up on real hosts, as an operator would (W03, W04, W06)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller, Result
from tests.lab.flows.installed import installed
from tests.lab.flows.seen import codes, state
from tests.lab.flows.stored import Bucket, files, on_minio, one
from tests.lab.host import Host
from tests.lab.tenants import LabTenant

pytestmark = pytest.mark.lab

NAME = "saved"
CALLS = "podman exec oml-django-server ./manage.py standin_calls {}"
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
