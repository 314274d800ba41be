"""Which server of a pair a backup reads, whatever answers at its two addresses."""

from __future__ import annotations

import pytest

from cutover.errors import Finding
from cutover.hosts.census import Server
from cutover.hosts.database import Login
from cutover.secret import Secret
from tasks.reading import Reading, of_pair

RO, RW = "10.0.0.202", "10.0.0.201"


def server(address: str, *, standby: bool) -> Reading:
    login = Login(address, 5432, "omnileads", Secret("a password"), "omnileads")
    return Reading(login, Server("11.22", standby=standby), 1 << 30)


def dead(address: str) -> Finding:
    return Finding("CUT-723", "the database cannot be used", address, "connection refused", "start it")


def test_the_standby_is_read_and_compared_with_its_primary() -> None:
    read, said = of_pair(server(RO, standby=True), server(RW, standby=False))
    assert read is not None and read.primary is not None
    assert (read.login.address, read.primary.address, said) == (RO, RW, ())


@pytest.mark.parametrize("ro", [server(RO, standby=False), dead(RO)])
def test_without_a_standby_the_server_that_is_written_to_is_read_with_a_warning(ro: Reading | Finding) -> None:
    read, said = of_pair(ro, server(RW, standby=False))
    assert read is not None and (read.login.address, read.primary) == (RW, None)
    assert [(each.code, each.fatal) for each in said] == [("CUT-726", False)]


@pytest.mark.parametrize("ro", [server(RO, standby=True), server(RO, standby=False)])
@pytest.mark.parametrize("rw", [server(RW, standby=True), dead(RW)])
def test_without_a_primary_what_is_left_is_read_with_a_warning(ro: Reading, rw: Reading | Finding) -> None:
    read, said = of_pair(ro, rw)
    assert read == ro
    assert [(each.code, each.fatal) for each in said] == [("CUT-726", False)]
    assert "may lack the newest changes" in said[0].what


def test_a_standby_at_the_address_for_writing_is_read_when_it_is_all_there_is() -> None:
    read, said = of_pair(dead(RO), server(RW, standby=True))
    assert read == server(RW, standby=True)
    assert [each.code for each in said] == ["CUT-726"]


def test_of_a_pair_that_is_down_both_servers_are_named() -> None:
    read, said = of_pair(dead(RO), dead(RW))
    assert read is None
    assert [(each.where, each.fatal) for each in said] == [(RO, True), (RW, True)]
