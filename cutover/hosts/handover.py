"""Scripts with which one host of a pair hands over to the other. Those that ask end with 0 for a yes."""

from __future__ import annotations

from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import call, script

LIBRARY = "handover"


def ask(function: str, *arguments: object, within: int = 0) -> str:
    """Return the script that asks a host something, for so many seconds until the answer is yes."""
    return script((LIBRARY,), [call("within", within, function, *arguments)])


def give_address(lease: Lease) -> str:
    """Return the script with which the host that has a pair's virtual IP gives it away; a host in waiting takes it."""
    return script(("lease",), [*guard_lines(lease), call("systemctl", "restart", "keepalived")])


def close_door(port: int, seconds: int, settling: int, lease: Lease) -> str:
    """Return the script that refuses new connections from elsewhere for some seconds, and waits until that is known."""
    lines = [*guard_lines(lease), call("door_closes", port, seconds), call("sleep", settling)]
    return script(("lease", LIBRARY), lines)


def open_door(lease: Lease) -> str:
    """Return the script that lets new connections in again; does nothing where that is so."""
    return script(("lease", LIBRARY), [*guard_lines(lease), call("door_opens")])


def fail_over(container: str, address: str, within: int, lease: Lease) -> str:
    """Return the script that has the Sentinel at an address make the replica the master."""
    lines = [*guard_lines(lease), call("within", within, "redis_fails_over", container, address)]
    return script(("lease", LIBRARY), lines)
