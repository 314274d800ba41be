"""A command in a container of its own, which is gone when the command is over."""

from __future__ import annotations

from collections.abc import Sequence

from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import call, script, with_input

ENVIRONMENT = "/run/cutover/one-off.env"


def with_environment(image: str, environment: bytes, command: Sequence[str], lease: Lease) -> str:
    """
    Return the script that runs a command with an environment of its own, which may hold secrets.

    It lies in memory, for root alone, while the command runs.
    """
    kept = with_input(call("put", ENVIRONMENT, "0600", "root", "root"), environment)
    lines = ["set -e", *guard_lines(lease), call("trap", call("rm", "-f", ENVIRONMENT), "EXIT"), kept]
    return script(("lease", "converge"), [*lines, _run(image, ENVIRONMENT, command)])


def with_file(image: str, environment: str, command: Sequence[str], lease: Lease) -> str:
    """Return the script that runs a command with the environment of a file on the host."""
    return script(("lease",), ["set -e", *guard_lines(lease), _run(image, environment, command)])


def _run(image: str, environment: str, command: Sequence[str]) -> str:
    first, *others = command
    options = ("--rm", "--network=host", f"--env-file={environment}", f"--entrypoint={first}")
    return call("podman", "run", *options, image, *others)
