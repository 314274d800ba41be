"""What a backup holds in every layout (W03: the old tool saves nothing in most of them)."""

from __future__ import annotations

import pytest

from cutover.products.omnileads import saved
from tests.unit.products.omnileads.cases import INSTALLABLE, state, tenant

DATABASES = {
    "aio": ("omnileads_aio", "localhost", False),
    "ait": ("omnileads_data", "omnileads_data", False),
    "cloud-url": ("omnileads_aio", "", False),
    "cloud-aws": ("omnileads_app", "", False),
    "ha": ("app_1", "postgres_ro_host", True),
}


@pytest.mark.parametrize("case", DATABASES)
def test_w03_every_layout_has_a_database_to_dump_and_a_host_to_dump_it_from(case: str) -> None:
    of = tenant(case)
    found = saved.database(of)
    host, address, standby = DATABASES[case]
    expected = {
        "localhost": "localhost",
        "omnileads_data": next((h.lan for h in of.hosts if h.name == "omnileads_data"), ""),
        "postgres_ro_host": of.variables.postgres_ro_host,
        "": of.variables.postgres_host,
    }[address]
    assert (found.host.name, found.address) == (host, expected)
    assert found.primary == (of.variables.postgres_host if standby else None)
    assert found.image.name.endswith("/postgres")


@pytest.mark.parametrize(
    ("case", "hosts"),
    [
        ("aio", ["omnileads_aio"]),
        ("ait", ["omnileads_voice"]),
        ("cloud-url", ["omnileads_aio"]),
        ("ha", ["voice_1", "voice_2"]),
    ],
)
def test_w03_the_custom_files_of_every_voice_host_are_saved(case: str, hosts: list[str]) -> None:
    assert [(host.name, path) for host, path in saved.custom_files(tenant(case))] == [
        (host, "/etc/asterisk/custom") for host in hosts
    ]


@pytest.mark.parametrize("case", INSTALLABLE)
def test_every_file_that_an_installation_writes_is_saved_with_its_host(case: str) -> None:
    of = tenant(case)
    for host in of.hosts:
        paths = (*saved.configuration(of, host), "/etc/asterisk/custom")
        desired = state(case).hosts[host.name]
        written = [file.path for file in desired.files] + [service.unit_file.path for service in desired.services]
        beside = [path for path in written if not path.endswith(".service.d/cutover.conf")]
        assert [path for path in beside if not any(f"{path}/".startswith(f"{each}/") for each in paths)] == []


def test_every_host_of_an_ha_tenant_has_a_configuration_to_save() -> None:
    of = tenant("ha")
    by_host = {host.name: saved.configuration(of, host) for host in of.hosts}
    assert all("/etc/omnileads" in paths and saved.RECORD in paths for paths in by_host.values())
    assert "/etc/repmgr.conf" in by_host["sql_1"]
    assert "/etc/keepalived" in by_host["haproxy_2"]


@pytest.mark.parametrize(
    ("case", "host"), [("aio", "omnileads_aio"), ("ait", "omnileads_data"), ("cloud-aws", "omnileads_data")]
)
def test_redis_is_saved_where_it_runs(case: str, host: str) -> None:
    found = saved.redis(tenant(case))
    assert found is not None
    assert (found.host.name, found.container) == (host, "oml-redis-server")


def test_recordings_are_copied_from_a_minio_on_a_host_and_left_where_they_are_elsewhere() -> None:
    stores = {case: saved.own_store(tenant(case)) for case in INSTALLABLE}
    assert {case: store.name for case, store in stores.items() if store} == {
        "aio": "omnileads_aio",
        "ait": "omnileads_data",
        "enterprise": "omnileads_data",
    }


def test_a_backup_is_named_by_its_release_or_by_the_application_s_tag() -> None:
    assert saved.release(tenant("aio")) == "1.26.0"
