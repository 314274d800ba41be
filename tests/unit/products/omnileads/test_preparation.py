"""Packages and directories of a host."""

from __future__ import annotations

import pytest

from cutover.errors import CutoverError
from cutover.inventory import Role
from cutover.plan.observed import OperatingSystem
from cutover.products.omnileads import every_package
from cutover.products.omnileads.preparation import SMALLEST, directories, missing_tools, packages
from tests.unit.products.omnileads.cases import tenant

SUPPORTED = [
    ("debian", "11", "debian"),
    ("debian", "12", "debian"),
    ("ubuntu", "22.04", "debian"),
    ("ubuntu", "24.04", "debian"),
    ("rocky", "8.9", "redhat"),
    ("rocky", "9.3", "redhat"),
    ("almalinux", "8.9", "redhat"),
    ("almalinux", "9", "redhat"),
]


@pytest.mark.parametrize("system", SUPPORTED, ids=lambda system: " ".join(system[:2]))
def test_w30_every_announced_system_gets_its_packages(system: tuple[str, str, str]) -> None:
    found = packages(tenant("aio"), tenant("aio").hosts[0], OperatingSystem(*system))

    assert {"podman", "nftables", "curl", "openssl", "ca-certificates"} <= set(found)
    assert set(found) <= set(every_package())
    assert ("sngrep" in found) == (system[2] == "debian")
    assert not {"epel-release", "libselinux-python3", "python3-libselinux", "awscli"} & set(found)


def test_operators_tools_for_sip_are_on_hosts_with_asterisk() -> None:
    ait = tenant("ait")
    debian = OperatingSystem("debian", "12", "debian")

    assert [("sngrep" in packages(ait, host, debian)) for host in ait.hosts] == [False, True, False]


@pytest.mark.parametrize(
    ("system", "said"),
    [
        (("centos", "7", "redhat"), "centos 7"),
        (("debian", "10", "debian"), "debian 10"),
        (("ubuntu", "20.04", "debian"), "ubuntu 20.04"),
        (("", "", ""), "unknown"),
    ],
)
def test_another_system_is_refused_naming_those_that_do(system: tuple[str, str, str], said: str) -> None:
    with pytest.raises(CutoverError, match="CUT-430") as raised:
        packages(tenant("aio"), tenant("aio").hosts[0], OperatingSystem(*system))
    assert said in str(raised.value)
    assert "almalinux 9" in str(raised.value)


def test_w24_no_directory_is_writable_by_others() -> None:
    ait = tenant("ait")
    for host in ait.hosts:
        assert [each for each in directories(ait, host) if each.mode & 0o022] == []


def test_parents_come_before_their_children() -> None:
    for of, host in [(each, host) for each in (tenant("ait"), tenant("aio")) for host in each.hosts]:
        paths = [each.path for each in directories(of, host)]
        assert paths.index("/etc/omnileads") == min(i for i, path in enumerate(paths) if path.startswith("/etc/omni"))


def test_every_installable_role_has_a_smallest_size() -> None:
    assert SMALLEST.keys() == set(Role)


DEBIAN = OperatingSystem("debian", "12", "debian")


@pytest.mark.parametrize(
    ("present", "encrypted", "missing"),
    [
        ((), False, ("python3", "tar", "zstd")),
        (("python3", "tar"), False, ("zstd",)),
        (("python3", "tar", "zstd"), True, ("age",)),
        (("age", "python3", "tar", "zstd"), True, ()),
    ],
)
def test_a_host_that_was_installed_before_gets_what_a_backup_runs_there(
    present: tuple[str, ...], encrypted: bool, missing: tuple[str, ...]
) -> None:
    assert missing_tools("aio", DEBIAN, present, encrypted=encrypted) == missing


@pytest.mark.parametrize("system", [("debian", "11", "debian"), ("rocky", "9.3", "redhat")])
def test_where_no_package_of_age_is_to_be_had_the_operator_is_told_what_to_do(system: tuple[str, str, str]) -> None:
    with pytest.raises(CutoverError) as caught:
        missing_tools("aio", OperatingSystem(*system), ("python3", "tar", "zstd"), encrypted=True)
    assert [finding.code for finding in caught.value.findings] == ["CUT-432"]
    assert missing_tools("aio", OperatingSystem(*system), ("age", "python3", "tar", "zstd"), encrypted=True) == ()
