"""What the hosts of a PostgreSQL pair agree on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cutover.errors import CutoverError
from cutover.inventory import Host, Role
from cutover.plan.observed import OperatingSystem
from cutover.products.omnileads import desired, pair, typical_systems
from cutover.products.omnileads.components import postgresql_pair
from cutover.products.omnileads.site import Site, sentinels
from tests.unit.products.omnileads.cases import DEBIAN, digests, tenant

HA = tenant("ha")
WITNESS = Host("witness_1", Role.WITNESS, "192.0.2.7", 22, "root", "192.0.2.7", "192.0.2.7", None, "eth0")
NINE = replace(HA, hosts=(*HA.hosts, WITNESS))


def text(host: str, path: str) -> str:
    site = Site(NINE, NINE.host(host), DEBIAN)
    files = (*postgresql_pair.guard_files(site), *postgresql_pair.voter_files(site))
    return next(file.content.decode() for file in files if file.path == path)


def test_the_third_vote_is_the_witnesss_and_else_on_a_host_that_is_there_anyway() -> None:
    assert [host.name for host in pair.voters(NINE)] == ["sql_1", "sql_2", "witness_1"]
    assert [host.name for host in pair.voters(HA)] == ["sql_1", "sql_2", "haproxy_1"]
    assert pair.voters(tenant("aio")) == ()


def test_w39_three_sentinels_decide_and_with_a_witness_each_stands_elsewhere() -> None:
    assert [host.name for host in sentinels(NINE)] == ["voice_1", "voice_2", "witness_1"]
    assert [host.name for host in sentinels(HA)] == ["voice_1", "voice_2", "haproxy_1"]


@pytest.mark.parametrize(
    ("system", "version"),
    [(("debian", "11"), 13), (("debian", "12"), 15), (("ubuntu", "22.04"), 14), (("ubuntu", "24.04"), 16)],
)
def test_postgresql_is_the_distributions_own(system: tuple[str, str], version: int) -> None:
    assert pair.version("sql_1", OperatingSystem(*system, "debian")) == version


@pytest.mark.parametrize("host", ["sql_1", "sql_2", "haproxy_1"])
def test_a_system_without_the_packages_is_refused_by_name(host: str) -> None:
    systems = typical_systems(HA) | {host: OperatingSystem("rocky", "9.3", "redhat")}
    with pytest.raises(CutoverError) as caught:
        desired(HA, digests(HA), systems)
    assert [(finding.code, finding.where) for finding in caught.value.findings] == [("CUT-433", host)]


def test_a_pair_of_two_versions_is_refused() -> None:
    systems = typical_systems(HA) | {"sql_2": OperatingSystem("debian", "11", "debian")}
    with pytest.raises(CutoverError) as caught:
        desired(HA, digests(HA), systems)
    assert [finding.code for finding in caught.value.findings] == ["CUT-434"]


def test_w24_passwords_are_derived_alike_on_all_hosts_and_differ_by_purpose_and_tenant() -> None:
    other = replace(NINE, name="other")
    found = [each(of).reveal() for of in (NINE, other) for each in (pair.repmgr_password, pair.guard_password)]
    assert len(set(found)) == 4
    assert NINE.variables.postgres_password.reveal() not in "".join(found)
    passwords = [json.loads(text(host, postgresql_pair.SETTINGS))["password"] for host in ("sql_1", "sql_2")]
    assert passwords == [pair.guard_password(NINE).reveal()] * 2


def test_w24_only_the_tenants_own_hosts_log_in_and_none_without_a_password() -> None:
    rules = [line.split() for line in text("sql_1", pair.ACCESS).splitlines() if line and not line.startswith("#")]
    assert {rule[-1] for rule in rules if rule[0] != "local"} == {"scram-sha-256"}
    assert [rule for rule in rules if rule[0] == "local"] == [["local", "all", "postgres", "peer"]]
    replicating = {rule[3] for rule in rules if rule[1:3] == ["replication", "repmgr"]}
    assert replicating == {f"{host.lan}/32" for host in NINE.hosts_of(Role.SQL)}
    v = NINE.variables
    vips = (v.postgres_host, v.postgres_ro_host, v.voice_host, v.application_host)
    known = {f"{address}/32" for address in (*(host.lan for host in NINE.hosts), *vips)}
    assert {rule[3] for rule in rules if rule[0] == "host"} <= known


def test_each_host_knows_itself_and_the_others() -> None:
    one, two = (json.loads(text(host, postgresql_pair.SETTINGS)) for host in ("sql_1", "sql_2"))
    assert (one["node"], one["peer"], one["third"]) == ("sql_1", "sql_2", "witness_1")
    assert (two["node"], two["peer"], two["third"]) == ("sql_2", "sql_1", "witness_1")
    assert one["addresses"] == two["addresses"] == {host.name: host.lan for host in pair.voters(NINE)}
