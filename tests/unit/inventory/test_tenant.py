from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from cutover.inventory import Role
from tests.unit.inventory.loading import loaded, replaced
from tests.unit.inventory.texts import AIO, AIT, ALL, CLOUD, HA

DERIVED = {
    "aio": {
        "postgres_host": "localhost",
        "postgres_out": False,
        "redis_host": "localhost",
        "redis_ip_main": None,
        "minio_host": "10.0.0.10",
        "loki_host": None,
        "websockets_host": "10.0.0.10",
        "kamailio_host": "localhost",
        "asterisk_host": "10.0.0.10",
        "rtpengine_host": "10.0.0.10",
        "nginx_host": "10.0.0.10",
        "prometheus_host": None,
        "dialer_host": "localhost",
        "data_host": "10.0.0.10",
        "voice_host": "10.0.0.10",
        "application_host": "10.0.0.10",
    },
    "ait": {
        "postgres_host": "10.0.0.11",
        "postgres_out": False,
        "redis_host": "10.0.0.11",
        "redis_ip_main": None,
        "minio_host": "10.0.0.11",
        "loki_host": "10.0.0.11",
        "websockets_host": "10.0.0.13",
        "kamailio_host": "10.0.0.13",
        "asterisk_host": "10.0.0.12",
        "rtpengine_host": "10.0.0.12",
        "nginx_host": "10.0.0.13",
        "prometheus_host": "10.0.0.13",
        "dialer_host": "10.0.0.43",
        "data_host": "10.0.0.11",
        "voice_host": "10.0.0.12",
        "application_host": "10.0.0.13",
    },
    "ha": {
        "postgres_host": "10.0.0.201",
        "postgres_out": True,
        "redis_host": "10.0.0.204",
        "redis_ip_main": "10.0.0.105",
        "minio_host": None,
        "loki_host": None,
        "websockets_host": "10.0.0.106",
        "kamailio_host": "10.0.0.106",
        "asterisk_host": "10.0.0.203",
        "rtpengine_host": "10.0.0.203",
        "nginx_host": "10.0.0.204",
        "prometheus_host": "10.0.0.204",
        "dialer_host": "localhost",
        "data_host": None,
        "voice_host": "10.0.0.203",
        "application_host": "10.0.0.204",
    },
}


@pytest.mark.parametrize("layout", DERIVED)
def test_components_are_where_the_layout_puts_them(tmp_path: Path, layout: str) -> None:
    tenant = loaded(tmp_path, ALL[layout])
    assert asdict(tenant.derived(tenant.hosts[-1])) == DERIVED[layout]


@pytest.mark.parametrize("layout", ["aio", "ait"])
def test_components_are_found_without_being_pointed_at(tmp_path: Path, layout: str) -> None:
    text = "\n".join(line for line in ALL[layout].splitlines() if "hostvars" not in line)
    tenant = loaded(tmp_path, text)
    assert asdict(tenant.derived(tenant.hosts[0])) == DERIVED[layout]


@pytest.mark.parametrize(
    "name",
    ["redis_host", "loki_host", "websockets_host", "kamailio_host", "asterisk_host", "rtpengine_host", "nginx_host"],
)
def test_what_the_inventory_says_is_taken(tmp_path: Path, name: str) -> None:
    tenant = loaded(tmp_path, replaced(AIT, ("    SCA", f"    {name}: 10.0.0.99\n    SCA")))
    assert getattr(tenant.derived(tenant.hosts[0]), name) == "10.0.0.99"


@pytest.mark.parametrize(
    ("text", "postgres", "bucket"),
    [(AIO, False, False), (AIT, False, False), (CLOUD, True, True), (HA, False, True)],
    ids=["aio", "ait", "cloud", "ha"],
)
def test_outside_services_are_told_from_own_ones(tmp_path: Path, text: str, postgres: bool, bucket: bool) -> None:
    tenant = loaded(tmp_path, text)
    assert (tenant.postgres_external, tenant.bucket_external) == (postgres, bucket)


def test_only_the_bucket_may_be_outside(tmp_path: Path) -> None:
    tenant = loaded(tmp_path, replaced(AIO, ("    SCA", "    bucket_url: aws\n    SCA")))
    assert (tenant.postgres_external, tenant.bucket_external, tenant.variables.bucket_url) == (False, True, "aws")


def test_hosts_are_found_by_role_and_by_name(tmp_path: Path) -> None:
    tenant = loaded(tmp_path, HA)
    assert [host.name for host in tenant.hosts_of(Role.SQL, Role.APP)] == ["sql_1", "sql_2", "app_1", "app_2"]
    with pytest.raises(KeyError):
        tenant.host("app_3")
