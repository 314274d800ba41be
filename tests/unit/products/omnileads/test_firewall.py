"""The firewall: the matrix of reference sheet 8, and that nft takes the rules."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest

from cutover.inventory import Tenant
from cutover.plan.desired import Flow
from cutover.products.omnileads import firewall
from cutover.products.omnileads.catalogue import placed
from tests.unit.products.omnileads.cases import INSTALLABLE, service, state, tenant

WITH_FIREWALL = tuple(case for case in INSTALLABLE if case != "enterprise")
PROVIDERS = frozenset({"198.51.100.64/28", "2001:db8:5::/48"})
ANYBODY: frozenset[str] = frozenset()
CENTRE, APP, VOICE = "10.0.9.9/32", "10.0.0.23", "10.0.0.22"

AIO = {
    "tcp 22": ANYBODY,
    "tcp 443": ANYBODY,
    "tcp 80": ANYBODY,
    "udp 20000-30000": ANYBODY,
    "udp 5060": PROVIDERS,
    "udp 40000-50000": PROVIDERS,
    "tcp 5038": frozenset({"10.0.0.40"}),
}

AIT = {
    "omnileads_data": {
        "tcp 22": {"10.0.9.0/24"},
        "tcp 9100": {APP, CENTRE},
        "tcp 5432": {APP, VOICE},
        "tcp 6379": {APP, VOICE},
        "tcp 9000": {APP, VOICE},
        "tcp 9187": {APP, CENTRE},
        "tcp 9121": {APP, CENTRE},
        "tcp 3100": {APP, VOICE, CENTRE},
    },
    "omnileads_voice": {
        "tcp 22": {"10.0.9.0/24"},
        "tcp 9100": {APP, CENTRE},
        "udp 20000-30000": set(),
        "udp 22222": {APP},
        "udp 5060": {"198.51.100.64/28"},
        "udp 40000-50000": {"198.51.100.64/28"},
        "udp 5160": {APP},
        "tcp 5038": {APP},
        "tcp 7088": {APP, CENTRE},
        "tcp 9096": {APP, CENTRE},
        "tcp 80": {"10.0.9.0/24"},
    },
    "omnileads_app": {
        "tcp 22": {"10.0.9.0/24"},
        "tcp 9100": {APP, CENTRE},
        "tcp 443": set(),
        "tcp 80": set(),
        "udp 10060": {VOICE},
        "tcp 9090": {CENTRE},
    },
}

SQL, VOICES, APPS = {"10.0.0.101", "10.0.0.102"}, {"10.0.0.103", "10.0.0.104"}, {"10.0.0.105", "10.0.0.106"}
HAPROXIES = {"10.0.0.108", "10.0.0.109"}
HA = {
    "sql_2": {
        "tcp 22": set(),
        "tcp 5432": SQL | VOICES | APPS | HAPROXIES,
    },
    "voice_1": {
        "tcp 22": set(),
        "tcp 9100": APPS,
        "udp 20000-30000": set(),
        "udp 22222": APPS,
        "udp 5060": {"198.51.100.64/28"},
        "udp 40000-50000": {"198.51.100.64/28"},
        "udp 5160": APPS,
        "tcp 5038": {*APPS, "10.0.0.104"},
        "tcp 7088": APPS,
        "tcp 26379": VOICES | APPS | HAPROXIES,
        "vrrp ": {"10.0.0.104"},
    },
    "app_2": {
        "tcp 22": set(),
        "tcp 9100": APPS,
        "tcp 9121": APPS,
        "tcp 443": HAPROXIES,
        "udp 5080": VOICES,
        "tcp 6379": VOICES | APPS | HAPROXIES,
        "vrrp ": {"10.0.0.105"},
    },
    "haproxy_2": {
        "tcp 22": set(),
        "tcp 9100": APPS,
        "tcp 443": set(),
        "tcp 80": set(),
        "tcp 6379": VOICES | APPS,
        "vrrp ": {"10.0.0.108"},
    },
}


def flows(of: Tenant, name: str) -> dict[str, frozenset[str]]:
    host = of.host(name)
    found: tuple[Flow, ...] = firewall.flows(of, host, [each.name for each in placed(of, host)])
    return {f"{flow.protocol} {flow.ports}": flow.sources for flow in found}


def with_variables(case: str, **changes: Any) -> Tenant:
    return replace(tenant(case), variables=tenant(case).variables.model_copy(update=changes))


def rules(case: str, host: str) -> str:
    return next(f.content.decode() for f in state(case).hosts[host].files if f.path == firewall.RULES)


def test_an_aio_host_is_open_for_web_media_and_trunks_only() -> None:
    assert flows(tenant("aio"), "omnileads_aio") == AIO


@pytest.mark.parametrize("host", AIT)
def test_hosts_of_a_tenant_are_open_to_each_other_as_the_matrix_says(host: str) -> None:
    assert flows(tenant("ait"), host) == {port: frozenset(sources) for port, sources in AIT[host].items()}


@pytest.mark.parametrize("host", HA)
def test_w24_hosts_of_an_ha_tenant_are_open_to_their_pair_and_to_who_needs_them(host: str) -> None:
    assert flows(tenant("ha"), host) == {port: frozenset(sources) for port, sources in HA[host].items()}


def test_the_ports_of_haproxy_are_those_of_the_inventory() -> None:
    of = with_variables("ha", app_port=8443, redis_port=6380)

    assert {"tcp 8443", "tcp 6380"} < flows(of, "haproxy_1").keys()
    assert not {"tcp 443"} & flows(of, "haproxy_1").keys()


def test_w30_with_an_outside_database_and_bucket_nothing_of_them_is_open() -> None:
    found = flows(tenant("cloud-aws"), "omnileads_data")

    assert not {"tcp 5432", "tcp 9000", "tcp 9187"} & found.keys()


@pytest.mark.parametrize("port", ["5432", "6379", "9000", "9001", "8000", "8097", "8098", "8099", "14443", "22222"])
def test_what_the_host_network_exposes_on_an_aio_host_is_closed(port: str) -> None:
    assert not [key for key in flows(tenant("aio"), "omnileads_aio") if key.endswith(f" {port}")]


def test_the_ssh_port_of_the_inventory_stays_open() -> None:
    of = tenant("aio")
    of = replace(of, hosts=(replace(of.hosts[0], port=2222),))

    assert flows(of, "omnileads_aio")["tcp 2222"] == ANYBODY


def test_nobody_is_not_everybody() -> None:
    of = with_variables("ait", controller_networks=(), monitoring_networks=(), sip_provider_networks=())

    assert "udp 5060" not in flows(of, "omnileads_voice")
    assert "tcp 9090" not in flows(of, "omnileads_app")


def test_overlapping_networks_are_merged_for_nft() -> None:
    networks = tuple(map(ip_network, ("10.0.0.0/8", "10.0.9.0/24", "10.0.9.9/32")))
    of = with_variables("ait", controller_networks=networks)
    _, lines = firewall.chain(firewall.flows(of, of.hosts[0], ["node_exporter"]))

    assert lines[0] == 'ip saddr { 10.0.0.0/8 } tcp dport 22 accept comment "management"'


def test_the_chain_carries_the_digest_of_its_rules() -> None:
    one, _ = firewall.chain(firewall.flows(tenant("ait"), tenant("ait").hosts[0], ["nginx"]))
    same, _ = firewall.chain(firewall.flows(tenant("ait"), tenant("ait").hosts[0], ["nginx"]))
    other, _ = firewall.chain(firewall.flows(tenant("ait"), tenant("ait").hosts[0], ["nginx", "redis"]))

    assert one == same != other
    probe: Any = service("aio", "firewall").gate.probes[0]
    assert f"chain {probe.expect} {{" in rules("aio", "omnileads_aio")


def test_a_host_whose_firewall_is_not_ours_gets_no_rules() -> None:
    files = [file.path for host in state("enterprise").hosts.values() for file in host.files]

    assert firewall.RULES not in files
    assert "firewall" not in [each.component for host in state("enterprise").hosts.values() for each in host.services]


def test_the_distributions_own_firewalls_stay_off_while_the_rules_are_there() -> None:
    files = {file.path: file.content for file in state("aio").hosts["omnileads_aio"].files}

    for name in ("ufw", "firewalld"):
        off = files[f"/etc/systemd/system/{name}.service.d/cutover.conf"]
        assert f"ConditionPathExists=!{firewall.RULES}".encode() in off
    unit = service("aio", "firewall").unit_file.content
    assert b"stop firewalld.service" in unit
    assert b"/lib/ufw/ufw-init force-stop" in unit


def test_podman_and_neighbour_discovery_are_let_in() -> None:
    text = rules("aio", "omnileads_aio")

    assert 'iifname "podman*" accept' in text
    assert "meta l4proto { icmp, ipv6-icmp } accept" in text
    assert "hook forward" not in text


@pytest.mark.skipif(shutil.which("nft") is None or os.geteuid() != 0, reason="needs nft and root")
@pytest.mark.parametrize("case", WITH_FIREWALL)
def test_nft_accepts_the_rules_of_every_host(case: str) -> None:
    for host in state(case).hosts:
        done = subprocess.run(
            ["nft", "-c", "-f", "-"], input=rules(case, host), capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(
    shutil.which("nft") is None or shutil.which("unshare") is None or os.geteuid() != 0, reason="needs nft and root"
)
def test_loading_the_rules_twice_replaces_them_and_the_gate_sees_them() -> None:
    probe: Any = service("aio", "firewall").gate.probes[0]
    script = f"nft -f /dev/stdin <<'X' && nft -f /dev/stdin <<'Y' && {' '.join(probe.command)}\n{{0}}\nX\n{{0}}\nY\n"
    text = script.replace("{0}", rules("aio", "omnileads_aio"))

    done = subprocess.run(["unshare", "--net", "bash", "-c", text], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert probe.expect in done.stdout
    assert done.stdout.count("tcp dport 443 accept") == 1
