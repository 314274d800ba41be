from __future__ import annotations

from pathlib import Path

import pytest

from cutover.errors import CutoverError
from cutover.inventory import Layout, Role, load, load_all, names
from tests.unit.inventory.loading import line_of, loaded, refused, replaced, write
from tests.unit.inventory.texts import AIO, AIT, ALL, HA, SECRETS

EXAMPLES = Path(__file__).parents[3] / "tenants"
EXAMPLE_SECRETS = (
    "POSTGRES_PASSWORD",
    "MINIO_PASSWORD",
    "BUCKET_ACCESS_KEY",
    "BUCKET_SECRET_KEY",
    "AMI_PASSWORD",
    "DIALER_PASSWORD",
)


@pytest.mark.parametrize(
    ("text", "layout", "roles"),
    [
        (ALL["aio"], Layout.AIO, [Role.AIO]),
        (ALL["ait"], Layout.AIT, [Role.DATA, Role.VOICE, Role.APP]),
        (ALL["cloud"], Layout.AIT, [Role.DATA, Role.VOICE, Role.APP]),
        (ALL["ha"], Layout.HA, [Role.SQL] * 2 + [Role.VOICE] * 2 + [Role.HAPROXY] * 2 + [Role.APP] * 2),
    ],
    ids=ALL,
)
def test_inventories_of_the_old_tool_are_read_unmodified(
    tmp_path: Path, text: str, layout: Layout, roles: list[Role]
) -> None:
    tenant = loaded(tmp_path, text)
    assert tenant.layout is layout
    assert [host.role for host in tenant.hosts] == roles
    assert tenant.known_hosts == tmp_path / "acme" / "known_hosts"


@pytest.mark.parametrize("name", ["example-aio", "example-ait", "example-cloud", "example-ha"])
def test_examples_load_without_a_warning(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for secret in EXAMPLE_SECRETS:
        monkeypatch.setenv(f"EXAMPLE_{secret}", f"canary-{secret}")
    assert load(name, EXAMPLES).warnings == ()


def test_a_host_has_its_own_and_its_groups_variables(tmp_path: Path) -> None:
    tenant = loaded(tmp_path, replaced(HA, ("ansible_host: 10.0.0.105\n", "ansible_host: sip.example.net\n")))
    host = tenant.host("sql_2")
    assert (host.role, host.ha_role, host.nic, host.lan) == (Role.SQL, "backup", "eth0", "10.0.0.102")
    assert (host.user, host.port, host.wan) == ("root", 22, "203.0.113.8")
    assert tenant.host("app_1").nic == "ens18"


@pytest.mark.parametrize(
    ("address", "wan"),
    [("203.0.113.10", "203.0.113.10"), ("pbx.example.net", "10.0.0.10"), ("2001:db8::1", "2001:db8::1")],
)
def test_the_public_address_is_where_ssh_connects_if_that_is_an_address(tmp_path: Path, address: str, wan: str) -> None:
    assert loaded(tmp_path, replaced(AIO, ("203.0.113.10", address))).hosts[0].wan == wan


def test_the_public_address_of_the_inventory_is_believed_as_w26_and_w27_ask(tmp_path: Path) -> None:
    text = replaced(AIO, ("omlaio: true", "omlaio: true\n      omni_ip_wan: 198.51.100.7"))
    assert loaded(tmp_path, text).hosts[0].wan == "198.51.100.7"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "-a", ".a", "a/b", "a b", "a..b", "a;b", "a\nb", "a$(id)", "ä", "a" * 64]
)
def test_w21_names_unsafe_in_a_path_or_unit_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CutoverError) as caught:
        load(name, tmp_path)
    assert [finding.code for finding in caught.value.findings] == ["CUT-101"]


def test_a_tenant_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CutoverError) as caught:
        load("nobody", tmp_path)
    assert caught.value.findings[0].code == "CUT-102"


def test_an_inventory_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, "")
    (folder / "inventory.yml").write_bytes(b"all: \xff")
    with pytest.raises(CutoverError) as caught:
        load("acme", tmp_path)
    assert caught.value.findings[0].code == "CUT-102"


def test_names_are_the_folders_that_hold_an_inventory(tmp_path: Path) -> None:
    write(tmp_path, AIO, "zeta")
    write(tmp_path, AIO, "alpha")
    (tmp_path / "empty").mkdir()
    (tmp_path / "README.md").touch()
    assert names(tmp_path) == ("alpha", "zeta")
    assert names(tmp_path / "nowhere") == ()


def test_load_all_reports_every_wrong_tenant(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path, replaced(AIO, ("infra_env: cloud", "infra_env: clowd")), name)
    write(tmp_path, AIO, "three")
    with pytest.raises(CutoverError) as caught:
        load_all(tmp_path)
    wrong = [finding.where for finding in caught.value.findings if finding.fatal]
    assert [Path(where).parent.name for where in wrong] == ["one", "two"]


def test_an_address_that_two_tenants_use_is_a_warning(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path, AIO, name)
    first, second = load_all(tmp_path)
    assert "CUT-155" not in {finding.code for finding in first.warnings}
    (shared,) = (finding for finding in second.warnings if finding.code == "CUT-155")
    assert "203.0.113.10" in shared.what
    assert "`one`" in shared.what


def test_everything_wrong_is_said_at_once_with_its_place_as_w25_asks(tmp_path: Path) -> None:
    text = replaced(
        AIT,
        ("infra_env: cloud", "infra_env: clowd"),
        ("omnileads_voice:\n", "omnileads_voise:\n"),
        ("    ami_password: ami-iK4gee9eeT\n", ""),
        ("postgres_port: 5432", "postgres_port: 99999"),
        ("SCA: 3600", "SCAA: 3600"),
    )
    findings = refused(tmp_path, text)
    found = {(finding.code, finding.where.removeprefix(f"{tmp_path}/acme/inventory.yml")) for finding in findings}
    assert found >= {
        ("CUT-107", f":{line_of(text, 'clowd')}:16"),
        ("CUT-113", f":{line_of(text, 'voise:')}:5"),
        ("CUT-108", f":{line_of(text, '  vars:')}:3"),
        ("CUT-107", f":{line_of(text, '99999')}:20"),
        ("CUT-106", f":{line_of(text, 'SCAA')}:5"),
    }
    assert all(finding.todo for finding in findings)


def test_findings_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = replaced(AIO, ("SCA: 3600", "SCA: x"), ("infra_env: cloud", "infra_env: x"), ("omlapp_repo:", "omlap_repo:"))
    lines = [int(finding.where.split(":")[-2]) for finding in refused(tmp_path, text)]
    assert lines == sorted(lines)


def test_a_loaded_tenant_shows_no_secret(tmp_path: Path) -> None:
    tenant = loaded(tmp_path, AIO)
    assert tenant.variables.postgres_password.reveal() == "pg-Zoh4ahb1Ai"
    shown = repr(tenant) + str(tenant.variables) + tenant.variables.model_dump_json()
    assert not [secret for secret in SECRETS if secret in shown]
