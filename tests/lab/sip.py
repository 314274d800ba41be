"""Live calls to a host's Asterisk, made by SIPp as a provider's trunk would make them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.host import Host
from tests.lab.waiting import wait_for

ENDPOINT = """
[sipp]
type = endpoint
transport = trunk-transport
context = calls-of-a-test
disallow = all
allow = ulaw
[sipp]
type = identify
endpoint = sipp
match = {caller}
"""
DIALPLAN = """
[calls-of-a-test]
exten => 100,1,Answer()
 same => n,Wait(600)
"""
SOON = 30.0


def accept_calls(host: Host, caller: str) -> None:
    """Have a host's Asterisk answer calls to 100 that come from an address, and hold them until they hang up."""
    for name, text in (("pjsip", ENDPOINT.format(caller=caller)), ("extensions", DIALPLAN)):
        host.run(f"cat >>/etc/asterisk/custom/oml_{name}_custom.conf <<'END'\n{text}\nEND")
    host.run("podman exec oml-asterisk-server asterisk -rx 'core reload'")


def live(host: Host) -> int:
    """The number of live calls."""
    return int(host.output("podman exec oml-asterisk-server asterisk -rx 'core show calls'").split()[0])


@contextmanager
def calls(host: Host, caller: str, count: int, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    """Make calls that last so many seconds; gives SIPp, which ends with 0 when each ended as a call should."""
    how = ["-sn", "uac", "-s", "100", "-i", caller, "-m", count, "-r", count, "-d", int(seconds * 1000)]
    argv = ["sipp", f"{host.address}:5060", *map(str, how), "-nostdin", "-timeout", str(int(seconds) + 60)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(argv, stdin=quiet, stdout=quiet, stderr=quiet, cwd="/tmp")  # noqa: S108
    try:
        wait_for(f"{count} calls on {host.name}", lambda: live(host) == count, SOON, 0.3)
        yield process
    finally:
        process.kill()
        process.wait()
