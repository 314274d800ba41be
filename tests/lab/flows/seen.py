"""What an operator sees of a tenant and of a run."""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Sequence
from http.client import HTTPSConnection

from tests.lab.controller import Result
from tests.lab.host import Host

UNITS = (
    "systemctl show --property Id,ActiveEnterTimestampMonotonic "
    "$(cd /etc/systemd/system && grep --files-with-matches --no-messages 'Written by Cutover' *.service)"
)


def answers(address: str) -> list[int]:
    """The statuses of the application's front page and of where it leads."""
    context = ssl._create_unverified_context()  # noqa: S323  a self-signed certificate is what is tested
    front = HTTPSConnection(address, timeout=15, context=context)
    front.request("HEAD", "/")
    first = front.getresponse().status
    with urllib.request.urlopen(f"https://{address}/", timeout=15, context=context) as page:
        return [first, page.status]


def state(result: Result) -> str:
    """The name of the final state of a run that went well."""
    assert result.status == 0, result.stdout + result.stderr
    return str(result.json["state"]["name"])


def codes(result: Result) -> list[str]:
    """The codes of what a run found, in their order."""
    return [row["component"] for row in result.json["result"] if row["component"].startswith("CUT-")]


def started(hosts: Sequence[Host]) -> list[str]:
    """When each unit of Cutover was started, host by host."""
    return [host.output(UNITS) for host in hosts]
