"""What an operator sees of a run, and what it did to the units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.lab.controller import Result
from tests.lab.host import Host

FREE = "! test -s /run/cutover/lease || test $(cut -d' ' -f3 /run/cutover/lease) -le $(date +%s)"
"""No run holds the host, as a shell condition."""

UNITS = (
    "systemctl show --property Id,ActiveEnterTimestampMonotonic "
    "$(cd /etc/systemd/system && grep --files-with-matches --no-messages 'Written by Cutover' *.service)"
)


def state(result: Result) -> str:
    """The name of the final state of a run that went well."""
    assert result.status == 0, result.stdout + result.stderr
    return str(result.json["state"]["name"])


def codes(result: Result) -> list[str]:
    """The codes of what a run found, in their order."""
    return [row["component"] for row in result.json["result"] if row["component"].startswith("CUT-")]


def free(host: Host) -> bool:
    """Does no run hold a host?"""
    return host.run(FREE, check=False).returncode == 0


def done(result: Result, host: str) -> list[str]:
    """What a run has done to a database host, in its order."""
    return [row["action"] for row in result.json["result"] if row["host"] == host and row["result"] == "ok"]


def seen(result: Result, host: str) -> dict[str, Any]:
    """A host's line in the table of the cluster."""
    (row,) = [row for row in result.json["cluster"] if row["host"] == host]
    return dict(row)


def started(hosts: Sequence[Host]) -> list[str]:
    """When each unit of Cutover was started, host by host."""
    return [host.output(UNITS) for host in hosts]
