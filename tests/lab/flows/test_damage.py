"""Whatever can be wrong with a backup is found by a drill, each damage with a code of its own (W02, W05, W06)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller, Result
from tests.lab.flows.destination import IDENTITY, OTHER_IDENTITY, OTHER_RECIPIENT, RECIPIENT
from tests.lab.flows.drilled import Drilled, drilled
from tests.lab.flows.seen import codes, state
from tests.lab.flows.stored import one

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def tenant(controller: Controller, module_hosts: MakeHosts) -> Drilled:
    """A tenant with one backup, which all tests damage and mend."""
    made = drilled(controller, module_hosts, "damaged")
    made.back_up()
    assert state(made.drill()) == "Proven"
    return made


@pytest.fixture
def backup(tenant: Drilled) -> Iterator[str]:
    """The backup as it was made and proven; afterwards everything of it is put back."""
    before = {key: tenant.place.get(key) for key in tenant.place.names("backup/")}
    yield str(tenant.place.manifests()[-1]["id"])
    for key in set(tenant.place.names("backup/")) - set(before):
        tenant.delete(key)
    for key, content in before.items():
        tenant.put(key, content)


def key_of(tenant: Drilled, backup: str, kind: str) -> str:
    return str(one(tenant.manifest(backup), kind)["key"])


def flip(tenant: Drilled, backup: str, kind: str) -> None:
    key = key_of(tenant, backup, kind)
    content = bytearray(tenant.place.get(key))
    content[len(content) // 2] ^= 4
    tenant.put(key, bytes(content))


def flip_database(tenant: Drilled, backup: str) -> None:
    flip(tenant, backup, "database")


def flip_custom_files(tenant: Drilled, backup: str) -> None:
    flip(tenant, backup, "asterisk")


def truncate(tenant: Drilled, backup: str) -> None:
    key = key_of(tenant, backup, "database")
    tenant.put(key, tenant.place.get(key)[:-100])


def remove(tenant: Drilled, backup: str) -> None:
    tenant.delete(key_of(tenant, backup, "configuration"))


def replace_by(tenant: Drilled, backup: str, database: str) -> None:
    """Put a dump of another database in the place of the tenant's; the manifest is made true of it."""
    packed = f"podman exec oml-postgresql-server pg_dump -U omnileads -Fc -Z0 {database} | zstd | age -r {RECIPIENT}"
    tenant.put(key_of(tenant, backup, "database"), tenant.printed(packed))
    tenant.rewrite(backup)


def empty(tenant: Drilled, backup: str) -> None:
    tenant.query("create database nothing", "postgres")
    replace_by(tenant, backup, "nothing")


def another_tenant(tenant: Drilled, backup: str) -> None:
    tenant.query("create database stranger template omnileads", "postgres")
    tenant.query("update ominicontacto_app_user set date_joined = now()", "stranger")
    replace_by(tenant, backup, "stranger")


def newer(tenant: Drilled, backup: str) -> None:
    tenant.rewrite(backup, version=2)


def unreadable(tenant: Drilled, backup: str) -> None:
    tenant.put(f"backup/manifests/{backup}.json", b'{"version": 1, "id": ')


DAMAGES = [
    (flip_database, "CUT-717", "Unproven"),
    (flip_custom_files, "CUT-717", "Unproven"),
    (truncate, "CUT-793", "Unproven"),
    (remove, "CUT-792", "Unproven"),
    (empty, "CUT-733", "Unproven"),
    (another_tenant, "CUT-734", "Unproven"),
    (newer, "CUT-706", "Refused"),
    (unreadable, "CUT-705", "Refused"),
]


ALWAYS = (flip_database, unreadable)
CASES = [
    pytest.param(damage, *found, id=damage.__name__, marks=() if damage in ALWAYS else pytest.mark.thorough)
    for damage, *found in DAMAGES
]


@pytest.mark.parametrize(("damage", "code", "name"), CASES)
def test_each_damage_is_found_by_its_own_code_and_the_backup_is_not_proven_any_more(
    tenant: Drilled, backup: str, damage: Callable[[Drilled, str], None], code: str, name: str
) -> None:
    damage(tenant, backup)
    result = tenant.drill(backup)
    assert (result.json["state"]["name"], codes(result)[:1]) == (name, [code]), result.stdout + result.stderr
    assert result.status == (1 if name == "Unproven" else 3)
    record = tenant.proof(backup)
    assert record is not None
    assert record["failed"] == ([code] if name == "Unproven" else [])


def test_a_backup_that_failed_its_last_drill_is_listed_so(tenant: Drilled, backup: str) -> None:
    """What the drill of a damaged backup writes down is enough for that."""
    record = tenant.proof(backup)
    assert record is not None
    assert tenant.listed()[backup]["proven"] is not None
    tenant.put(f"backup/manifests/{backup}.proof.json", json.dumps(record | {"failed": ["CUT-717"]}).encode())
    listed = tenant.listed()[backup]
    assert (listed["proven"], [problem["code"] for problem in listed["problems"]]) == (None, ["CUT-799"])
    newer(tenant, backup)
    assert tenant.listed()[backup]["proven"] is None


@pytest.mark.thorough
def test_a_key_that_does_not_open_the_backup_is_refused_and_proves_nothing_against_it(
    tenant: Drilled, backup: str
) -> None:
    tenant.tenant.edit(RECIPIENT, OTHER_RECIPIENT)
    tenant.tenant.give("identity", OTHER_IDENTITY)
    try:
        assert refused(tenant.drill(backup)) == ["CUT-732"]
        tenant.tenant.edit("    backup_identity: .*\n", "")
        assert refused(tenant.drill(backup)) == ["CUT-731"]
    finally:
        tenant.tenant.add("backup_identity: {file: secrets/identity}")
        tenant.tenant.edit(OTHER_RECIPIENT, RECIPIENT)
        tenant.tenant.give("identity", IDENTITY)
    record = tenant.proof(backup)
    assert record is not None
    assert record["failed"] == []


def refused(result: Result) -> list[str]:
    assert (result.status, result.json["state"]["name"]) == (3, "Refused"), result.stdout + result.stderr
    return codes(result)
