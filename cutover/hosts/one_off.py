"""
A command in a container of its own, which is gone when the command is over.

What it prints goes through a file descriptor handed into the container. Of what a container prints on its standard
output before podman has attached to it, podman shows nothing: of a short command on a busy host, all.
"""

from __future__ import annotations

from collections.abc import Sequence

from cutover.hosts.lease import Lease, guard_lines
from cutover.hosts.script import call, script, with_input

ENVIRONMENT = "/run/cutover/one-off.env"
HANDED_OUT = ("--preserve-fds=1", "--security-opt=label=disable")
INTO_IT = 'exec "$@" >&3'


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
    options = ("--rm", "--network=host", f"--env-file={environment}", *HANDED_OUT, "--entrypoint=/bin/sh")
    return f"{call('podman', 'run', *options, image, '-c', INTO_IT, 'sh', *command)} 3>&1 >&2"
