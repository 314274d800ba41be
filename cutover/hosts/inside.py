"""A command asked inside a container that runs."""

from __future__ import annotations

from collections.abc import Sequence

from cutover.hosts.script import call, script

LIMIT = 20
"""Seconds that it may take."""


def ask(container: str, command: Sequence[str]) -> str:
    """Return the script that runs a command in a container and prints what it says."""
    return script((), [call("timeout", LIMIT, "podman", "exec", container, *command)])
