from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.inventory.loading import line_of, loaded, only, refused, replaced
from tests.unit.inventory.texts import AIO, AIT, HA


def test_groups_may_stand_inside_all(tmp_path: Path) -> None:
    groups, rest = HA.removeprefix("---\n").split("\nall:\n")
    inside = "".join(f"    {line}\n" for line in groups.splitlines())
    assert loaded(tmp_path, f"all:\n  children:\n{inside}{rest}").host("voice_2").nic == "ens18"


def test_the_nearer_variable_is_stronger(tmp_path: Path) -> None:
    text = replaced(
        HA,
        ("      ha_rol: main\n    voice_2", "      ha_rol: main\n      ansible_user: nearest\n    voice_2"),
        ("    omlvoice: true\n", "    omlvoice: true\n    ansible_user: near\n"),
    )
    tenant = loaded(tmp_path, text)
    assert [tenant.host(name).user for name in ("voice_1", "voice_2", "app_1")] == ["nearest", "near", "root"]


def test_a_variable_of_the_tenant_may_stand_under_a_host(tmp_path: Path) -> None:
    text = replaced(AIO, ("    SCA: 3600\n", ""), ("omlaio: true", "omlaio: true\n      SCA: 60"))
    assert loaded(tmp_path, text).variables.SCA == 60


def test_a_variable_of_the_tenant_has_one_value(tmp_path: Path) -> None:
    text = replaced(AIO, ("omlaio: true", "omlaio: true\n      SCA: 60"))
    finding = only(tmp_path, text)
    assert finding.code == "CUT-119"
    assert f":{line_of(text, 'SCA: 60')}:" in finding.where
    assert f"line {line_of(text, 'SCA: 3600')}" in finding.what


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("postgres_pasword", "postgres_password"),
        ("Postgres_Port", "postgres_port"),
        ("ansible_hots", "ansible_host"),
        ("tz", "TZ"),
        ("omni_lan_ip", "omni_ip_lan"),
    ],
)
def test_w26_an_unknown_variable_is_refused_with_the_nearest_known_one(
    tmp_path: Path, written: str, meant: str
) -> None:
    finding = only(
        tmp_path, replaced(AIO, ("    ansible_user: root", f"    ansible_user: root\n    {written}: canary"))
    )
    assert (finding.code, finding.todo) == ("CUT-106", f"write `{meant}`")
    assert "canary" not in str(finding)


def test_a_variable_the_old_tool_keeps_elsewhere_is_refused_with_the_reason(tmp_path: Path) -> None:
    finding = only(tmp_path, replaced(AIO, ("    ansible_user: root", "    ansible_user: root\n    uwsgi_port: 8099")))
    assert finding.why == "Cutover sets it itself"


def test_two_names_of_one_variable_have_to_agree(tmp_path: Path) -> None:
    text = replaced(AIO, ("ansible_ssh_port: 22", "ansible_ssh_port: 22\n      ansible_port: 2222"))
    assert only(tmp_path, text).code == "CUT-104"


@pytest.mark.parametrize(
    ("text", "todo"),
    [
        (replaced(AIT, ("\n  vars:\n", "\n  var:\n")), "write `vars`"),
        (replaced(AIO, ("  vars:\n", "  TZ: Europe/Vienna\n  vars:\n")), "indent it under `vars:`"),
    ],
)
def test_what_is_not_part_of_a_group_is_refused(tmp_path: Path, text: str, todo: str) -> None:
    findings = [finding for finding in refused(tmp_path, text) if finding.code == "CUT-105"]
    assert [finding.todo for finding in findings] == [todo]


def test_a_list_where_variables_belong_is_refused(tmp_path: Path) -> None:
    assert "CUT-105" in {finding.code for finding in refused(tmp_path, "all:\n  hosts: [omnileads_aio]\n")}


def test_groups_that_hold_each_other_do_not_hang(tmp_path: Path) -> None:
    text = AIO + "\na: {children: {b: }}\nb: {children: {a: }}\n"
    assert loaded(tmp_path, text).hosts
