"""Was anything on a host changed?"""

from __future__ import annotations

from collections.abc import Sequence

from tests.lab.host import Host

# What systemd and sshd write by themselves is left out; podman's store is a file system of its own and asked for.
LISTING = """
podman images --quiet; podman ps --all --quiet; podman volume ls --quiet; systemctl list-unit-files --no-legend
find /etc /opt /var/lib -xdev -path /var/lib/systemd -prune -o -printf '%p %y %m %u %g %s %T@ %l\\n' | sort
"""


def listing(hosts: Sequence[Host]) -> list[list[str]]:
    """Everything an installation could change, host by host: files with modes and times, images, volumes, units."""
    return [host.output(LISTING).splitlines() for host in hosts]
