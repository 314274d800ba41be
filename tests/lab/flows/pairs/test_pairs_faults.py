"""
Every host of an HA tenant is lost once by its power and once by its network, and the commands lead back.

The third vote is haproxy_1's. What is independent is lost at once: of each pair one host, so that whole hypervisors are
among it. Virtual IPs of telephony and web stay where they went: nothing fails back. It takes longer than all else and
wants a machine for itself, so `make test` leaves it out: `make faults-ha`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from cutover.inventory import load
from tests.lab.flows.paired import PATIENCE, VIRTUAL, Paired, other
from tests.lab.flows.pairs import NAME
from tests.lab.flows.seen import codes
from tests.lab.host import Host
from tests.lab.ledger import Ledger, Place, kept
from tests.lab.length import at_length
from tests.lab.pairwatch import Watch, watched
from tests.lab.waiting import wait_for

pytestmark = [pytest.mark.lab, at_length]

HYPERVISOR_A = ("sql_1", "app_1", "voice_2", "haproxy_2")
HYPERVISOR_B = ("sql_2", "app_2", "voice_1", "haproxy_1")
PASSIVE = ("sql_2", "app_2", "voice_1")
THIRD_VOTE = ("haproxy_1",)

FAULTS: dict[str, tuple[Callable[[Host], None], Callable[[Host], None]]] = {
    "power": (Host.kill, Host.start),
    "network": (Host.cut, Host.heal),
}


@pytest.fixture(autouse=True)
def whole(acme: Paired) -> None:
    """All hosts are there, in their initial roles."""
    for host in acme.all:
        host.heal()
        host.start()
    if not healthy(acme):
        led_back(acme)


def each(acme: Paired, names: Iterable[str], act: Callable[[Host], None]) -> None:
    """Do something to hosts, at once."""
    with ThreadPoolExecutor() as at_once:
        list(at_once.map(act, [acme.hosts[name] for name in names]))


def healthy(acme: Paired) -> bool:
    return acme.controller.run("status", NAME, "--json").status == 0


def led_back(acme: Paired) -> None:
    """Do what an operator does when all hosts are there again."""
    acme.controller.run("recover", NAME, "--yes")
    until_well(acme, "takeover")
    until_well(acme, "status")


def until_well(acme: Paired, command: str) -> None:
    """Repeat a command, as long as what was lost is still starting."""
    end = time.monotonic() + PATIENCE
    while (result := acme.controller.run(command, NAME)).status and time.monotonic() < end:
        time.sleep(1)
    assert result.status == 0, result.stdout + result.stderr


@contextmanager
def writing(acme: Paired, client: str, folder: Path) -> Iterator[tuple[Ledger, Watch]]:
    v = load(NAME, acme.controller.tenants).variables
    vip = acme.addresses["postgres_host"]
    place = Place(vip, 5432, v.postgres_database, v.postgres_user, v.postgres_password.reveal())
    databases = [acme.hosts["sql_1"], acme.hosts["sql_2"]]
    with watched(databases, vip) as seen, kept(place, folder, acme.hosts[client].namespace) as ledger:
        ledger.wait_for_writes()
        yield ledger, seen


def serves(acme: Paired, ledger: Ledger, lost: tuple[str, ...]) -> None:
    """Wait until all that the tenant is for is done by the hosts that are left."""
    ledger.wait_for_writes(PATIENCE)
    acme.answers()
    left = [name for name in acme.hosts if name not in lost]
    wait_for(
        "one holder of each virtual IP",
        lambda: [len(acme.holders(variable, left)) for variable in VIRTUAL] == [1] * len(VIRTUAL),
        PATIENCE,
        1.0,
    )
    voice = next(name for name in left if name.startswith("voice"))
    wait_for("a main Redis", lambda: acme.leads_to_a_master(voice), PATIENCE, 1.0)


def in_its_initial_roles(acme: Paired) -> None:
    assert acme.holders("postgres_host") == ["sql_1"]
    assert acme.holders("postgres_ro_host") == ["sql_2"]
    assert acme.masters() == ["app_1"]
    assert {variable: len(acme.holders(variable)) for variable in VIRTUAL} == dict.fromkeys(VIRTUAL, 1)
    assert len(acme.running("omlcron")) == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("lost", [HYPERVISOR_A, PASSIVE, THIRD_VOTE], ids="+".join)
def test_w35_w42_what_is_left_serves_and_the_commands_lead_back(
    acme: Paired, tmp_path: Path, lost: tuple[str, ...], fault: str
) -> None:
    lose, find_again = FAULTS[fault]
    with writing(acme, other("app_1") if "app_1" in lost else "app_1", tmp_path) as (ledger, seen):
        each(acme, lost, lose)
        serves(acme, ledger, lost)
        each(acme, lost, find_again)
        led_back(acme)
        ledger.wait_for_writes()
    in_its_initial_roles(acme)
    assert seen.together() == []


def test_w35_the_hypervisor_with_the_third_vote_is_lost_and_the_primary_opens_on_an_operator_s_word(
    acme: Paired, tmp_path: Path
) -> None:
    with writing(acme, "app_1", tmp_path) as (ledger, seen):
        each(acme, HYPERVISOR_B, Host.kill)
        wait_for("the primary without a majority to stop", lambda: not acme.holders("postgres_host"), PATIENCE, 1.0)
        refused = acme.controller.run("recover", NAME, "--yes", "--json")
        assert (refused.status, codes(refused)) == (3, ["CUT-851"])
        acme.controller.run("recover", NAME, "--others-are-off", "--yes")
        serves(acme, ledger, HYPERVISOR_B)
        each(acme, HYPERVISOR_B, Host.start)
        led_back(acme)
        ledger.wait_for_writes()
    in_its_initial_roles(acme)
    assert (ledger.lost(), seen.together()) == ([], [])


def test_a_virtual_ip_that_was_given_to_a_second_host_by_hand_is_reported(acme: Paired) -> None:
    address = acme.addresses["voice_host"]
    (holder,) = acme.holders("voice_host")
    second = other(holder)
    acme.hosts[second].run(f"ip address add {address}/32 dev eth0")
    try:
        found = acme.controller.run("status", NAME, "--json")
    finally:
        acme.hosts[second].run(f"ip address delete {address}/32 dev eth0")
    assert found.status == 5
    wrong = [row["wrong"] for row in found.json["cluster"] if row["wrong"]]
    assert wrong == [f"the address of telephony {address} is held by voice_1 and voice_2"]
