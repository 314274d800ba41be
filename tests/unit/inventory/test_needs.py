from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.inventory.loading import loaded, only, refused, replaced, warned
from tests.unit.inventory.texts import AIO, AIT, ALL, CLOUD, HA, VERSIONS


def without(text: str, name: str) -> str:
    kept = [line for line in text.splitlines() if not line.strip().startswith(f"{name}:")]
    assert len(kept) < len(text.splitlines()), name
    return "\n".join(kept) + "\n"


ALWAYS = ["postgres_password", "bucket_access_key", "bucket_secret_key", "ami_password", "dialer_password"]
TAGS = [line.split(":")[0].strip() for line in VERSIONS.splitlines()]
IN_HA = ["postgres_host", "postgres_ro_host", "voice_host", "application_host", "bucket_url", "netaddr"]


@pytest.mark.parametrize(
    ("layout", "name"),
    [
        *((layout, name) for layout in ALL for name in (*ALWAYS, *TAGS)),
        ("aio", "s3_http_admin_pass"),
        ("ait", "s3_http_admin_pass"),
        *(("ha", name) for name in (*IN_HA, "ha_notification_email")),
    ],
)
def test_w25_a_missing_variable_is_named(tmp_path: Path, layout: str, name: str) -> None:
    finding = only(tmp_path, without(ALL[layout], name))
    assert (finding.code, finding.what) == ("CUT-108", f"`{name}` is missing")


@pytest.mark.parametrize("name", ["ansible_host", "omni_ip_lan"])
def test_w25_a_missing_variable_of_a_host_is_named_with_the_host(tmp_path: Path, name: str) -> None:
    text = without(AIO, name) if name == "ansible_host" else replaced(AIO, ("      omni_ip_lan: 10.0.0.10\n", ""))
    findings = refused(tmp_path, text)
    assert f"`{name}` of `omnileads_aio` is missing" in {finding.what for finding in findings}


def test_w25_all_missing_variables_are_named_at_once(tmp_path: Path) -> None:
    text = AIO
    for name in (*ALWAYS, *TAGS):
        text = without(text, name)
    assert {finding.what for finding in refused(tmp_path, text)} == {
        f"`{name}` is missing" for name in (*ALWAYS, *TAGS)
    }


def test_a_wrong_value_is_not_missing_too(tmp_path: Path) -> None:
    assert only(tmp_path, replaced(AIO, ("nginx_version: 230215.01", "nginx_version: a/b"))).code == "CUT-107"


def test_a_release_stands_for_the_seven_tags(tmp_path: Path) -> None:
    tenant = loaded(tmp_path, replaced(AIO, (VERSIONS, "    release: 1.26.0\n")))
    assert (tenant.release, tenant.variables.nginx_version) == ("1.26.0", None)


def test_a_tag_may_stand_beside_a_release(tmp_path: Path) -> None:
    text = replaced(AIO, (VERSIONS, "    release: 1.26.0\n    asterisk_version: 230328.01\n"))
    assert loaded(tmp_path, text).variables.asterisk_version == "230328.01"


def test_a_replica_needs_its_address(tmp_path: Path) -> None:
    assert only(tmp_path, replaced(CLOUD, ("postgres_ha: false", "postgres_ha: true"))).what == (
        "`postgres_ro_host` is missing"
    )


def test_django_smtp_needs_its_settings(tmp_path: Path) -> None:
    backend = "email_backend: django.core.mail.backends.smtp.EmailBackend"
    missing = {finding.what for finding in refused(tmp_path, replaced(AIO, ("#email_backend:", backend)))}
    settings = ("default_from", "host", "port", "user", "password")
    assert missing == {f"`email_{name}` is missing" for name in settings}


@pytest.mark.parametrize(
    ("text", "external"), [(ALL["aio"], False), (ALL["ait"], False), (ALL["cloud"], True), (ALL["ha"], True)], ids=ALL
)
def test_postgres_out_follows_and_may_agree(tmp_path: Path, text: str, external: bool) -> None:
    assert loaded(tmp_path, text).variables.postgres_out is external


def test_postgres_out_without_a_postgres_host_is_refused(tmp_path: Path) -> None:
    assert only(tmp_path, replaced(AIT, ("postgres_out: false", "postgres_out: true"))).code == "CUT-118"


def test_another_port_for_the_own_postgresql_is_refused(tmp_path: Path) -> None:
    finding = only(tmp_path, replaced(AIT, ("postgres_port: 5432", "postgres_port: 5433")))
    assert finding.code == "CUT-118"
    assert "`postgres_port`" in finding.what


def test_postgres_out_false_with_a_postgres_host_is_refused(tmp_path: Path) -> None:
    assert only(tmp_path, replaced(CLOUD, ("postgres_out: true", "postgres_out: false"))).code == "CUT-118"


def test_postgres_out_false_in_ha_is_corrected_with_a_warning(tmp_path: Path) -> None:
    text = replaced(HA, ("postgres_out: true", "postgres_out: false"))
    assert "`postgres_out`" in warned(tmp_path, text, "CUT-153").what
    assert loaded(tmp_path, text).variables.postgres_out is True


@pytest.mark.parametrize("name", ["omnileads_ha", "postgres_ha"])
def test_an_ha_tenant_that_says_it_is_none_is_refused(tmp_path: Path, name: str) -> None:
    assert only(tmp_path, replaced(HA, (f"{name}: true", f"{name}: false"))).code == "CUT-118"


def test_a_single_host_that_says_it_is_ha_is_refused(tmp_path: Path) -> None:
    assert only(tmp_path, replaced(AIO, ("    SCA", "    omnileads_ha: true\n    SCA"))).code == "CUT-118"


def test_w44_the_first_redis_master_is_app_1_whatever_the_inventory_says(tmp_path: Path) -> None:
    text = replaced(HA, ("redis_ip_main: 10.0.0.105", "redis_ip_main: 10.0.0.104"))
    assert "`10.0.0.105`" in warned(tmp_path, text, "CUT-153").what
    assert loaded(tmp_path, text).variables.redis_ip_main == "10.0.0.105"


def test_w44_loki_and_data_host_need_not_be_given_in_ha(tmp_path: Path) -> None:
    tenant = loaded(tmp_path, HA)
    derived = tenant.derived(tenant.host("sql_1"))
    assert (derived.loki_host, derived.data_host) == (None, None)


@pytest.mark.parametrize(
    ("text", "device"),
    [
        (without(AIO, "callrec_device"), "s3-no-check-cert"),
        (without(CLOUD, "callrec_device"), "s3"),
        (AIO, "s3-no-check-cert"),
    ],
)
def test_recordings_reach_the_own_minio_without_checking_its_self_signed_certificate(
    tmp_path: Path, text: str, device: str
) -> None:
    assert loaded(tmp_path, text).variables.callrec_device == device


def test_checking_a_self_signed_certificate_is_a_warning(tmp_path: Path) -> None:
    text = replaced(AIT, ("callrec_device: s3-no-check-cert", "callrec_device: s3"))
    assert "`callrec_device: s3`" in warned(tmp_path, text, "CUT-158").what


@pytest.mark.parametrize(
    ("line", "open_to_all"), [("", True), ("sip_provider_networks: [192.0.2.0/24]", False), ("firewall: 'off'", False)]
)
def test_sip_open_to_everybody_is_a_warning(tmp_path: Path, line: str, open_to_all: bool) -> None:
    text = replaced(AIO, ("    SCA: 3600", f"    SCA: 3600\n    {line}"))
    assert ("CUT-157" in {finding.code for finding in loaded(tmp_path, text).warnings}) is open_to_all


@pytest.mark.parametrize(("layout", "place"), [("aio", "cloud"), ("ha", "lan")])
def test_the_default_place_follows_the_layout(tmp_path: Path, layout: str, place: str) -> None:
    assert loaded(tmp_path, without(ALL[layout], "infra_env")).variables.infra_env == place


def test_the_groups_virtual_ips_stand_for_the_tenants(tmp_path: Path) -> None:
    text = HA
    for name in ("postgres_host", "postgres_ro_host", "voice_host", "application_host"):
        text = without(text, name)
    text = replaced(
        text,
        ("    netprefix: 24", "    netprefix: 24\n    ha_vip_main: 10.0.0.201\n    ha_vip_ro: 10.0.0.202"),
        ("    omlvoice: true", "    omlvoice: true\n    ha_vip: 10.0.0.203"),
        ("    omlhaproxy: true", "    omlhaproxy: true\n    ha_vip: 10.0.0.204"),
    )
    variables = loaded(tmp_path, text).variables
    assert (variables.postgres_host, variables.postgres_ro_host) == ("10.0.0.201", "10.0.0.202")
    assert (variables.voice_host, variables.application_host) == ("10.0.0.203", "10.0.0.204")


def test_w44_a_read_address_that_repeats_the_write_one_is_corrected_by_the_group(tmp_path: Path) -> None:
    text = replaced(
        HA,
        ("postgres_ro_host: 10.0.0.202", "postgres_ro_host: 10.0.0.201"),
        ("    netprefix: 24", "    netprefix: 24\n    ha_vip_ro: 10.0.0.202"),
    )
    assert "`postgres_ro_host`" in warned(tmp_path, text, "CUT-153").what
    assert loaded(tmp_path, text).variables.postgres_ro_host == "10.0.0.202"


def test_a_virtual_ip_that_the_group_has_otherwise_is_refused(tmp_path: Path) -> None:
    text = replaced(HA, ("    omlvoice: true", "    omlvoice: true\n    ha_vip: 10.0.0.210"))
    assert only(tmp_path, text).code == "CUT-118"
