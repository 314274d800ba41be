from __future__ import annotations

from pathlib import Path

import pytest

from cutover.inventory import Layout, Role
from tests.unit.inventory.loading import loaded, only, refused, replaced, warned
from tests.unit.inventory.texts import AIO, AIT, HA


def codes(folder: Path, text: str) -> set[str]:
    return {finding.code for finding in refused(folder, text)}


@pytest.mark.parametrize("value", ["false", "no", "off"])
def test_w26_a_role_that_is_false_is_no_role(tmp_path: Path, value: str) -> None:
    finding = only(tmp_path, replaced(AIO, ("omlaio: true", f"omlaio: {value}")))
    assert (finding.code, finding.what) == ("CUT-114", "`omnileads_aio` has no role")
    assert finding.todo == "add `omlaio: true`"


def test_a_false_role_beside_a_true_one_does_no_harm(tmp_path: Path) -> None:
    text = replaced(AIT, ("omldata: true", "omldata: true\n      omlapp: false"))
    assert loaded(tmp_path, text).hosts[0].role is Role.DATA


def test_two_roles_on_a_host_are_refused(tmp_path: Path) -> None:
    finding = only(tmp_path, replaced(AIT, ("omldata: true", "omldata: true\n      omlapp: true")))
    assert (finding.code, finding.todo) == ("CUT-114", "keep `omldata: true` only")


def test_the_role_of_another_host_is_refused(tmp_path: Path) -> None:
    text = replaced(AIT, ("omlvoice: true", "omlapp: true"))
    assert only(tmp_path, text).todo == "write `omlvoice: true` instead"


def test_the_manuals_flag_for_aio_is_read_as_aio_with_a_warning(tmp_path: Path) -> None:
    text = replaced(AIO, ("omlaio: true", "omldata: true"))
    assert "`omlaio`" in warned(tmp_path, text, "CUT-153").what
    assert loaded(tmp_path, text).hosts[0].role is Role.AIO


def test_the_manuals_aio_chapter_with_three_hosts_is_ait(tmp_path: Path) -> None:
    assert loaded(tmp_path, AIT).layout is Layout.AIT


def test_a_missing_host_is_refused(tmp_path: Path) -> None:
    voice = AIT[AIT.index("    omnileads_voice:") : AIT.index("    omnileads_app:")]
    text = replaced(AIT, (voice, ""), ("hostvars['omnileads_voice']", "hostvars['omnileads_data']"))
    finding = only(tmp_path, text)
    assert (finding.code, finding.what) == ("CUT-113", "the host `omnileads_voice` is missing")
    assert finding.todo == "add it, with `omlvoice: true`"


def test_a_misspelt_host_is_refused_with_its_name(tmp_path: Path) -> None:
    finding = only(tmp_path, replaced(HA, ("haproxy_2:", "haproxi_2:")))
    assert (finding.code, finding.todo) == ("CUT-113", "name it `haproxy_2`")


def test_a_host_too_many_is_refused(tmp_path: Path) -> None:
    extra = "    omnileads_aio:\n      omlaio: true\n      ansible_host: 10.0.0.9\n      omni_ip_lan: 10.0.0.9\n"
    text = replaced(AIT, ("    omnileads_voice:\n", f"{extra}    omnileads_voice:\n"))
    assert "CUT-113" in codes(tmp_path, text)


def test_an_inventory_without_hosts_is_refused(tmp_path: Path) -> None:
    assert "CUT-113" in codes(tmp_path, "all:\n  vars:\n    release: 1.26.0\n")


@pytest.mark.parametrize(
    ("before", "after", "host", "todo"),
    [
        ("ha_rol: main\n    voice_2", "ha_rol: backup\n    voice_2", "voice_1", "write `ha_rol: main`"),
        ("ha_rol: backup\n  vars:\n    omlapp", "ha_rol: main\n  vars:\n    omlapp", "app_2", "write `ha_rol: backup`"),
    ],
)
def test_w21_two_mains_or_two_backups_in_a_pair_are_refused(
    tmp_path: Path, before: str, after: str, host: str, todo: str
) -> None:
    finding = only(tmp_path, replaced(HA, (before, after)))
    assert (finding.code, finding.todo) == ("CUT-117", todo)
    assert f"`{host}`" in finding.what


def test_the_later_name_of_ha_rol_is_known(tmp_path: Path) -> None:
    assert loaded(tmp_path, replaced(HA, ("ha_rol:", "ha_role:"))).host("app_1").ha_role == "main"
