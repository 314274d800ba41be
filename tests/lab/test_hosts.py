"""The lab itself: hosts live, fail, heal, see only each other, and leave nothing behind."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from ipaddress import IPv6Address
from pathlib import Path

import pytest

from tests.lab import golden
from tests.lab.conftest import MakeHosts
from tests.lab.errors import LabError
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab


def reaches(host: Host, address: str) -> bool:
    return host.run(f"ping -c 1 -W 1 -q {address}", check=False).returncode == 0


def boot_of(host: Host) -> str:
    """What differs from one boot of a host to the next."""
    return host.run("systemctl show --property UserspaceTimestampMonotonic", check=False, timeout=20).stdout


def fetches(host: Host, address: str, port: int) -> bool:
    command = f"curl --silent --max-time 2 --output /dev/null http://{address}:{port}/"
    return host.run(command, check=False).returncode == 0


def link_local(hardware: str) -> str:
    """The IPv6 address that a network card gives itself."""
    numbers = [int(number, 16) for number in hardware.split(":")]
    numbers[0] ^= 2
    return str(IPv6Address(bytes([0xFE, 0x80, 0, 0, 0, 0, 0, 0, *numbers[:3], 0xFF, 0xFE, *numbers[3:]])))


@contextmanager
def machine_answers_everywhere() -> Iterator[int]:
    """The machine greets whoever connects, at every address it has."""
    with closing(socket.create_server(("0.0.0.0", 0))) as server:  # noqa: S104 - that is the point
        server.settimeout(60)

        def greet() -> None:
            while True:
                try:
                    with closing(server.accept()[0]) as client:
                        client.recv(4096)
                        client.sendall(b"HTTP/1.0 204 No Content\r\n\r\n")
                except OSError:
                    return

        threading.Thread(target=greet, daemon=True).start()
        yield server.getsockname()[1]


def own_address_outside_the_lab() -> str:
    """The address the machine itself would use to talk to the world; nothing is sent."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.connect(("198.51.100.1", 9))
        return str(probe.getsockname()[0])


def test_a_host_runs_systemd_and_lets_root_and_ops_in(hosts: MakeHosts) -> None:
    (host,) = hosts(1)
    assert host.output("cat /proc/1/comm") == "systemd"
    assert host.output("systemctl is-system-running --wait") == "running"
    assert host.run("sudo --non-interactive id -u", user="ops").stdout.strip() == "0"


def test_three_hosts_see_each_other_and_the_machine(lab: Lab, hosts: MakeHosts) -> None:
    made = hosts(3)
    others = [host.address for host in made[1:]]
    assert [address for address in [*others, lab.settings.gateway] if not reaches(made[0], address)] == []


def test_a_host_comes_back_from_a_power_cut_with_its_disk_its_address_and_its_key(hosts: MakeHosts) -> None:
    one, two = hosts(2)
    one.run("echo kept > /root/kept && sync")
    one.kill()
    assert not one.running
    assert not reaches(two, one.address)
    one.start()
    assert one.output("cat /root/kept") == "kept"
    assert reaches(two, one.address)


def test_a_power_cut_loses_what_was_not_synced_where_the_host_has_its_own_disk(hosts: MakeHosts) -> None:
    (host,) = hosts(1, disk="2G")
    host.run("echo kept > /root/kept; sync; echo lost > /root/lost")
    host.kill()
    host.start()
    assert host.output("ls /root") == "kept"


@pytest.mark.thorough
def test_a_host_that_reboots_itself_answers_again_without_what_its_network_had(hosts: MakeHosts) -> None:
    (host,) = hosts(1)
    before = boot_of(host)
    host.run("ip address add 10.255.255.1/32 dev eth0")
    host.run("systemctl reboot", check=False)
    wait_for("another boot", lambda: boot_of(host) not in {"", before}, limit=180)
    assert "10.255.255.1" not in host.output("ip address")


@pytest.mark.thorough
def test_an_orderly_power_off_stops_units_in_good_order(hosts: MakeHosts) -> None:
    (host,) = hosts(1)
    host.run("systemd-run --quiet --property=ExecStop='/bin/touch /root/stopped' sleep infinity")
    host.stop()
    host.start()
    assert host.output("ls /root") == "stopped"


def test_a_cut_host_is_reached_by_nobody_until_it_is_healed(hosts: MakeHosts) -> None:
    one, two = hosts(2)
    one.cut()
    assert not reaches(two, one.address)
    assert one.running
    one.heal()
    wait_for("an answer after healing", lambda: reaches(two, one.address), limit=180)


def test_a_cut_between_two_hosts_spares_the_third(hosts: MakeHosts) -> None:
    one, two, three = hosts(3)
    one.cut(two)
    assert [reaches(one, two.address), reaches(two, one.address)] == [False, False]
    assert [reaches(one, three.address), reaches(two, three.address)] == [True, True]
    two.heal()
    wait_for("an answer after healing", lambda: reaches(one, two.address), limit=180)


def test_a_host_reaches_nothing_outside_its_network(lab: Lab, hosts: MakeHosts) -> None:
    (host,) = hosts(1)
    with machine_answers_everywhere() as port:
        assert fetches(host, lab.settings.gateway, port)
        assert not fetches(host, own_address_outside_the_lab(), port)
    routers = host.output("ip -4 route show default")
    assert routers.split()[2] == lab.settings.gateway
    assert not reaches(host, "198.51.100.1")


def test_a_host_and_the_machine_do_not_meet_over_ipv6(lab: Lab, hosts: MakeHosts) -> None:
    one, two = hosts(2)

    def everybody() -> str:
        return one.run("ping -6 -c 2 -W 1 ff02::1%eth0", check=False).stdout

    # A host answers under its link-local address only once nobody else was found to have it.
    other = link_local(two.output("cat /sys/class/net/eth0/address"))
    wait_for("the other host's answer over IPv6", lambda: other in everybody(), limit=180)
    own = Path(f"/sys/class/net/{lab.network.link}/address").read_text().strip()
    assert link_local(own) not in everybody()


@pytest.mark.thorough
def test_a_plain_host_installs_packages_through_the_proxy_and_fails_when_it_is_down(lab: Lab, hosts: MakeHosts) -> None:
    (host,) = hosts(1, layer=None)
    assert host.run("command -v jq", check=False).returncode
    host.run("apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install jq", timeout=300)
    assert host.output("echo '{\"a\": 1}' | jq .a") == "1"
    lab.packages.stop()
    try:
        assert host.run("apt-get -qq update 2>&1 | grep --quiet refused", check=False).returncode == 0
    finally:
        lab.packages.start()


def test_a_host_pulls_an_image_by_its_public_name_and_hears_at_once_of_a_missing_tag(hosts: MakeHosts) -> None:
    (host,) = hosts(1)
    host.run("podman pull --quiet docker.io/omnileads/nginx:230204.01")
    missing = host.run("podman pull docker.io/omnileads/nginx:no-such-tag", check=False, timeout=30)
    assert "manifest unknown" in missing.stderr


@pytest.mark.thorough
def test_a_pull_on_a_host_fails_while_the_registry_is_down(lab: Lab, hosts: MakeHosts) -> None:
    (host,) = hosts(1)
    lab.registry.stop()
    try:
        assert host.run("podman pull docker.io/omnileads/nginx:230204.01", check=False, timeout=60).returncode
    finally:
        lab.registry.start()


@pytest.fixture
def state(lab: Lab) -> Iterator[str]:
    """The name of a golden state that is gone when the test's hosts are."""
    yield f"test-{lab.settings.name}"
    golden.forget(lab.settings, f"test-{lab.settings.name}")


def test_hosts_made_from_a_golden_state_come_up_with_its_disk_and_as_themselves(state: str, hosts: MakeHosts) -> None:
    (first,) = hosts(1, names=["first"])
    first.run("echo installed > /root/state; podman pull --quiet docker.io/omnileads/nginx:230204.01")
    first.stop()
    golden.keep(first, state)
    clones = hosts(2, golden_state=state)
    assert [clone.output("cat /root/state; hostname") for clone in clones] == [
        f"installed\n{clone.name}" for clone in clones
    ]
    assert all("omnileads/nginx" in clone.output("podman images") for clone in clones)
    assert len({clone.output("cat /etc/machine-id") for clone in clones}) == 2


def test_a_host_cannot_move_the_clock_of_the_machine(hosts: MakeHosts) -> None:
    (host,) = hosts(1)
    assert host.run("date --set '2001-01-01'", check=False).returncode
    host.run("timedatectl set-timezone America/Argentina/Cordoba")
    assert host.output("date +%z") == "-0300"


@pytest.fixture
def other(lab: Lab) -> Iterator[Lab]:
    """Another lab beside the one of the run, not up yet."""
    two, third = lab.settings.net.rsplit(".", 1)
    settings = replace(lab.settings, name=f"{lab.settings.name[:9]}x", net=f"{two}.{255 - int(third)}")
    made = Lab(settings)
    yield made
    made.down()


@pytest.mark.thorough
def test_a_lab_leaves_nothing_on_the_machine_and_spares_the_others(lab: Lab, other: Lab) -> None:
    other.up()
    other.store.start()
    other.start(other.create(["on", "off"]))
    other.host("off").stop()
    other.start(other.create(["own-disk"], disk="1G"))
    assert len(other.leftovers()) > 5
    other.down()
    assert other.leftovers() == []
    assert lab.network.exists
    assert lab.registry.answers()


@pytest.mark.thorough
def test_what_a_run_that_died_has_left_is_gone_for_the_next(other: Lab) -> None:
    other.up()
    other.start(other.create(["on"]))
    with Lab(other.settings).claim():
        assert other.hosts() == []
        assert other.leftovers() == []


def test_a_lab_by_hand_is_not_taken_by_a_run(other: Lab) -> None:
    other.up(by_hand=True)
    with pytest.raises(LabError, match="brought up by hand"), Lab(other.settings).claim():
        pass
    assert other.network.exists


def test_one_lab_is_not_had_by_two_runs(lab: Lab) -> None:
    with pytest.raises(LabError, match="process"), Lab(lab.settings).claim():
        pass


@pytest.mark.thorough
def test_hosts_that_cannot_all_be_made_leave_none(lab: Lab, hosts: MakeHosts) -> None:
    hosts(1, names=["taken"])
    with pytest.raises(LabError, match="taken"):
        lab.create(["free", "taken"])
    assert [host.name for host in lab.hosts()] == ["taken"]
