from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.inventory.loading import line_of, loaded, only, refused, replaced, warned
from tests.unit.inventory.texts import AIT, HA


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (replaced(AIT, ("10.0.0.12", "10.0.0.11")), "omnileads_voice:"),
        (replaced(AIT, ("omni_ip_lan: 10.0.0.13", "omni_ip_lan: 10.0.0.12")), "omnileads_app:"),
        (replaced(AIT, ("ansible_host: 10.0.0.13", "ansible_host: 10.0.0.12")), "omnileads_app:"),
        (replaced(HA, ("10.0.0.109", "10.0.0.108")), "haproxy_2:"),
    ],
    ids=["both", "private", "public", "haproxy"],
)
def test_w21_an_address_of_two_hosts_is_refused(tmp_path: Path, text: str, where: str) -> None:
    finding = only(tmp_path, text)
    assert finding.code == "CUT-115"
    assert f":{line_of(text, where)}:" in finding.where


def test_hosts_behind_one_address_with_different_ports_are_two_hosts(tmp_path: Path) -> None:
    text = AIT
    for number in (11, 12, 13):
        host = f"ansible_host: 10.0.0.{number}\n      omni_ip_lan: 10.0.0.{number}\n      ansible_ssh_port: 22\n"
        moved = host.replace(f"ansible_host: 10.0.0.{number}", "ansible_host: pbx.example.net")
        text = replaced(text, (host, moved.replace("port: 22", f"port: 22{number}")))
    assert [host.port for host in loaded(tmp_path, text).hosts] == [2211, 2212, 2213]


def test_a_host_reached_at_the_private_address_of_another_is_refused(tmp_path: Path) -> None:
    text = replaced(
        AIT,
        ("ansible_host: 10.0.0.11\n", "ansible_host: 203.0.113.1\n"),
        ("ansible_host: 10.0.0.12\n", "ansible_host: 10.0.0.11\n"),
    )
    assert only(tmp_path, text).code == "CUT-115"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (("postgres_host: 10.0.0.201", "postgres_host: 10.0.0.103"), "postgres_host"),
        (("voice_host: 10.0.0.203", "voice_host: 10.0.0.101"), "voice_host"),
        (("postgres_ro_host: 10.0.0.202", "postgres_ro_host: 10.0.0.201"), "postgres_ro_host"),
        (("voice_host: 10.0.0.203", "voice_host: 10.0.0.202"), "voice_host"),
    ],
)
def test_w21_a_virtual_ip_that_is_taken_is_refused(tmp_path: Path, change: tuple[str, str], name: str) -> None:
    text = replaced(HA, change)
    finding = only(tmp_path, text)
    assert (finding.code, f"`{name}`" in finding.what) == ("CUT-115", True)
    assert f":{line_of(text, change[1])}:" in finding.where


def test_w44_the_read_address_of_the_old_sample_is_refused(tmp_path: Path) -> None:
    finding = only(tmp_path, replaced(HA, ("postgres_ro_host: 10.0.0.202", "postgres_ro_host: 10.0.0.201")))
    assert finding.what == "`postgres_ro_host` and `postgres_host` are the same virtual IP 10.0.0.201"


def test_redis_and_the_web_share_the_virtual_ip_of_haproxy(tmp_path: Path) -> None:
    assert only(tmp_path, replaced(HA, ("redis_host: 10.0.0.204", "redis_host: 10.0.0.205"))).code == "CUT-118"


def test_a_virtual_ip_is_an_address(tmp_path: Path) -> None:
    finding = only(tmp_path, replaced(HA, ("voice_host: 10.0.0.203", "voice_host: voice.example.net")))
    assert finding.code == "CUT-116"


def test_a_virtual_ip_outside_the_network_is_refused(tmp_path: Path) -> None:
    finding = only(tmp_path, replaced(HA, ("postgres_host: 10.0.0.201", "postgres_host: 10.0.1.201")))
    assert (finding.code, "10.0.1.201" in finding.what) == ("CUT-116", True)


def test_a_host_that_postgresql_would_refuse_is_refused(tmp_path: Path) -> None:
    text = replaced(HA, ("omni_ip_lan: 10.0.0.103", "omni_ip_lan: 10.0.1.103"))
    finding = only(tmp_path, text)
    assert (finding.code, finding.why) == ("CUT-116", "PostgreSQL would refuse it")


def test_haproxy_may_stand_in_another_network(tmp_path: Path) -> None:
    assert loaded(tmp_path, replaced(HA, ("omni_ip_lan: 10.0.0.108", "omni_ip_lan: 192.0.2.8")))


def test_w44_a_prefix_that_does_not_fit_the_network_is_a_warning(tmp_path: Path) -> None:
    text = replaced(HA, ("netaddr: 10.0.0.0/24", "netaddr: 10.0.101.0/16"))
    assert "netprefix: 16" in warned(tmp_path, text, "CUT-158").todo


def test_overlaps_are_found_beside_other_mistakes(tmp_path: Path) -> None:
    text = replaced(AIT, ("10.0.0.12", "10.0.0.11"), ("SCA: 3600", "SCA: x"))
    assert {finding.code for finding in refused(tmp_path, text)} == {"CUT-107", "CUT-115"}
