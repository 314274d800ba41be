"""Backups are listed and pruned from the command line; hosts are only asked who holds the tenant."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cutover.hosts import lease
from cutover.hosts.lease import Lease
from cutover.hosts.script import call, script
from cutover.secret import Secret
from cutover.storage.bucket import Bucket
from cutover.storage.place import Place
from cutover.storage.store import Store
from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller, Result
from tests.lab.flows.conftest import PORT
from tests.lab.flows.seen import state
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.storage.filled import backed_up, everything
from tests.lab.storage.places import direct
from tests.lab.tenants import PROJECT, LabTenant

pytestmark = [pytest.mark.lab, pytest.mark.thorough]

NAME, TARGET, OWN = "pruned", "pruned-backups", "pruned-own"
OLD_KEY = "backup/pgsql-backup-1681215859.sql"


@dataclass(frozen=True, slots=True)
class Pruned:
    """A tenant that keeps the newest backup of each of two days, on a host where nothing is installed."""

    controller: Controller
    tenant: LabTenant
    host: Host
    lab: Lab

    def run(self, *words: str) -> Result:
        """Run a command on the tenant."""
        return self.controller.run(words[0], NAME, *words[1:], "--json")

    def listed(self) -> dict[str, dict[str, Any]]:
        """Return what `backups` lists, by id."""
        return {each["id"]: each for each in self.run("backups").json["backups"]}

    def at(self, bucket: str, prefix: str, act: Callable[[Store], Awaitable[Any]]) -> Any:
        """Do something with a store of the lab."""

        async def body() -> Any:
            keys = Secret(self.lab.store.access_key), Secret(self.lab.store.secret_key)
            place = Place(Bucket(bucket, self.lab.store.url, self.lab.store.region, *keys), prefix, None, own=False)
            async with direct(place) as store:
                return await act(store)

        return asyncio.run(body())

    def there(self) -> dict[str, int]:
        """Return everything at the backup target."""
        found: dict[str, int] = self.at(TARGET, f"{NAME}/", everything)
        return found


@pytest.fixture(scope="module")
def pruned(lab: Lab, controller: Controller, module_hosts: MakeHosts) -> Pruned:
    (host,) = module_hosts(1, layer="podman", names=[NAME])
    tenant = controller.tenant(NAME, "aio", [host])
    for bucket in (TARGET, OWN):
        lab.store.make_bucket(bucket)
    for secret, value in (("access", lab.store.access_key), ("secret", lab.store.secret_key)):
        tenant.give(f"backup_bucket_{secret}_key", value)
        tenant.add(f"backup_bucket_{secret}_key: {{file: secrets/backup_bucket_{secret}_key}}")
    tenant.add(f"backup_bucket_url: {lab.store.url}")
    tenant.add(f"backup_bucket_name: {TARGET}")
    for period, count in (("daily", 2), ("weekly", 0), ("monthly", 0)):
        tenant.add(f"backup_keep_{period}: {count}")
    return Pruned(controller, tenant, host, lab)


def ago(**time: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**time)


def test_a_tenant_without_a_backup_is_told(pruned: Pruned) -> None:
    result = pruned.run("backups")
    assert (result.status, result.json["backups"]) == (5, [])
    assert [finding["code"] for finding in result.json["findings"]] == ["CUT-745"]


def test_what_would_go_is_shown_and_goes_only_when_told_so(pruned: Pruned) -> None:
    async def fill(store: Store) -> list[str]:
        await store.put(OLD_KEY, b"--\n-- PostgreSQL database dump\n")
        times = (ago(hours=1), ago(days=1, hours=1), ago(days=5), ago(days=6), ago(days=7))
        made = [await backed_up(store, at, tenant=NAME, proven=at == times[3]) for at in times]
        await store.delete([made[4].objects[0].key])
        return [each.id for each in made]

    fresh, yesterday, goes, proven, damaged = pruned.at(TARGET, f"{NAME}/", fill)
    before = pruned.there()

    listed = pruned.run("backups")
    assert listed.status == 0, listed.stdout + listed.stderr
    found = {each["id"]: each for each in listed.json["backups"]}
    assert list(found) == [fresh, yesterday, goes, proven, damaged, "1681215859"]
    assert [each["complete"] for each in found.values()] == [True, True, True, True, False, True]
    assert [each["proven"] is not None for each in found.values()] == [False, False, False, True, False, False]
    assert [problem["code"] for problem in found[damaged]["problems"]] == ["CUT-792"]
    text = pruned.controller.run("backups", NAME).stdout
    assert all(each in text for each in (*found, "plain SQL", "an object is missing", "1.26.0", "old tool"))

    planned = pruned.run("prune")
    assert state(planned) == "Planned"
    rows = {row["component"]: row["result"] for row in planned.json["result"]}
    assert {each for each, result in rows.items() if result == "would go"} == {goes, damaged}
    assert {each for each, result in rows.items() if result == "kept"} == {fresh, yesterday, proven, "1681215859"}
    assert pruned.there() == before

    assert state(pruned.run("prune", "--yes")) == "Completed"
    after = pruned.there()
    assert {key: before[key] for key in after} == after
    assert not [key for key in after if goes in key or damaged in key]
    assert list(pruned.listed()) == [fresh, yesterday, proven, "1681215859"]
    assert state(pruned.run("prune", "--yes")) == "Unchanged"


def test_nothing_is_pruned_while_another_operation_holds_the_tenant(pruned: Pruned) -> None:
    other = Lease.new("backup", "another controller", "none")
    # longer than any lease lives without being renewed, for nobody renews this one
    take = script(("lease",), [call("lease_take", other.token, 600, other.holder)])
    release = script(("lease",), lease.release_lines(other))
    pruned.host.run("bash -s", stdin=take)
    try:
        result = pruned.run("prune", "--yes")
    finally:
        pruned.host.run("bash -s", stdin=release)
    assert (result.status, result.json["state"]["name"]) == (4, "Busy"), result.stdout + result.stderr


def test_a_bucket_on_the_tenants_host_is_read_through_its_connection(pruned: Pruned) -> None:
    text = pruned.tenant.inventory.read_text()
    for name in ("url", "name", "access_key", "secret_key"):
        pruned.tenant.edit(rf"^    backup_bucket_{name}: .*\n", "")
    pruned.tenant.add(f"bucket_name: {OWN}")
    pruned.tenant.add(f"minio_host: {pruned.lab.settings.gateway}")
    pruned.tenant.give("bucket_access_key", pruned.lab.store.access_key)
    pruned.tenant.give("bucket_secret_key", pruned.lab.store.secret_key)
    try:
        made = pruned.at(OWN, "", lambda store: backed_up(store, ago(hours=1), tenant=NAME))
        result = pruned.run("backups")
        assert (result.status, [each["id"] for each in result.json["backups"]]) == (0, [made.id]), result.stderr
        assert "omnileads_aio" in result.json["place"]
    finally:
        pruned.tenant.inventory.write_text(text)


def test_a_key_that_prefect_keeps_is_asked_of_its_server(pruned: Pruned) -> None:
    text, name = pruned.tenant.inventory.read_text(), "backup-bucket"
    save = "import sys; from prefect.blocks.system import Secret; Secret(value=sys.stdin.read()).save(sys.argv[1])"
    environment = pruned.controller.environment | {"PREFECT_API_URL": f"http://127.0.0.1:{PORT}/api"}
    python = [str(PROJECT / ".venv/bin/python"), "-c", save, name]
    subprocess.run(python, input=pruned.lab.store.secret_key, text=True, env=environment, check=True, timeout=120)
    pruned.tenant.edit("backup_bucket_secret_key: .*", f"backup_bucket_secret_key: {{prefect: {name}}}")
    try:
        result = pruned.run("backups")
    finally:
        pruned.tenant.inventory.write_text(text)
    assert result.json.get("place"), result.stdout + result.stderr


def test_a_bucket_that_cannot_be_reached_is_a_refusal(pruned: Pruned) -> None:
    pruned.lab.store.stop()
    try:
        result = pruned.run("backups")
    finally:
        pruned.lab.store.start()
    assert (result.status, [finding["code"] for finding in result.json["findings"]]) == (3, ["CUT-700"])
