"""VRRP: what tells tenants and pairs apart, and what keepalived is told."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cutover.inventory import Role, Tenant
from cutover.products.omnileads.vrrp import PAIRS, password, router_id
from tests.unit.products.omnileads.cases import state, tenant

CONFIGURATION = "/etc/keepalived/keepalived.conf"
TENANTS = [f"tenant-{number}" for number in range(300)]


def configuration(host: str) -> str:
    return next(file.content.decode() for file in state("ha").hosts[host].files if file.path == CONFIGURATION)


def other_tenant() -> Tenant:
    return replace(tenant("ha"), name="other")


def test_w40_the_three_pairs_of_a_tenant_have_numbers_of_their_own_that_vrrp_knows() -> None:
    for name in TENANTS:
        numbers = [router_id(name, role) for role in PAIRS]
        assert len(set(numbers)) == 3
        assert all(1 <= number <= 255 for number in numbers)


def test_w40_numbers_and_passwords_differ_between_tenants() -> None:
    numbers = [router_id(name, Role.VOICE) for name in TENANTS]
    assert len(set(numbers)) >= 80
    assert router_id("ha", Role.VOICE) != router_id("other", Role.VOICE)
    assert password(tenant("ha")) != password(other_tenant())
    assert len(password(tenant("ha")).reveal()) == 8


@pytest.mark.parametrize(
    ("one", "other", "vip"), [("voice_1", "voice_2", "10.0.0.203/32"), ("app_1", "app_2", "127.112.0.1/32")]
)
def test_hosts_of_a_pair_agree_and_speak_to_each_other_alone(one: str, other: str, vip: str) -> None:
    numbers = [re.findall(r"virtual_router_id (\d+)|auth_pass (\S+)", configuration(host)) for host in (one, other)]
    assert numbers[0] == numbers[1]
    assert f"unicast_src_ip {tenant('ha').host(one).lan}\n" in configuration(one)
    assert re.search(rf"unicast_peer {{\s+{tenant('ha').host(other).lan}\s+}}", configuration(one))
    assert f"{vip} dev {'lo' if vip.startswith('127.') else 'ens18'}\n" in configuration(one)


@pytest.mark.parametrize("host", ["voice_1", "voice_2", "app_1", "app_2", "haproxy_1", "haproxy_2"])
def test_w41_no_host_takes_back_what_the_other_one_has(host: str) -> None:
    assert "state BACKUP\n" in configuration(host)
    assert "nopreempt\n" in configuration(host)


@pytest.mark.parametrize(("host", "asked"), [("voice_2", "5038"), ("haproxy_1", "/haproxy-alive"), ("app_1", "/5432")])
def test_w42_a_host_keeps_its_turn_while_what_it_stands_for_answers(host: str, asked: str) -> None:
    files = {file.path: file for file in state("ha").hosts[host].files}
    script = re.search(r'script "(\S+)"', configuration(host))
    assert script is not None
    check = files[script[1]]
    assert asked in check.content.decode()
    assert not re.search(r"pgrep|pidof|killall|\bps\b", check.content.decode())
    assert (check.mode, check.owner) == (0o755, "root")


def test_w40_a_configuration_is_tested_before_keepalived_takes_it() -> None:
    (service,) = [each for each in state("ha").hosts["voice_1"].services if each.component == "keepalived_voice"]
    lines = service.unit_file.content.decode().splitlines()
    assert service.reloads
    for before, what in (("ExecStartPre", "ExecStart=/usr/sbin/keepalived"), ("ExecReload", "ExecReload=/bin/kill")):
        test = lines.index(f"{before}=/usr/sbin/keepalived --config-test")
        assert lines[test + 1].startswith(what)
