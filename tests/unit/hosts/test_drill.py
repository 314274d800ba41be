from __future__ import annotations

from cutover.hosts import drill
from cutover.hosts.lease import Lease
from cutover.secret import Secret

LEASE = Lease("token", "drill by ops@controller, run 1")


def test_the_password_is_in_the_script_as_input_only() -> None:
    password = Secret("not to be seen")
    text = drill.start("image@sha256:1", "omnileads", password, LEASE)
    assert password.reveal() not in text
    assert "drill_start image@sha256:1 omnileads <<'CUTOVER'" in text


def test_an_image_without_postgresql_has_no_version() -> None:
    assert drill.room_found("free\t1000\nmajor\t15\n") == (1000, 15)
    assert drill.room_found("free\t1000\nmajor\t\n") == (1000, None)


def test_nothing_is_done_on_a_host_whose_lease_is_another_s() -> None:
    for text in (drill.start("i", "u", Secret("p"), LEASE), drill.clear(LEASE), drill.room("i", LEASE)):
        body = text.rpartition("\n{\n")[2].removeprefix("set -e\n")
        assert body.startswith("lease_mine token || exit ")


def test_the_server_s_port_is_what_the_script_says_last() -> None:
    assert drill.port_of("something\nport\t40001\n") == 40001
