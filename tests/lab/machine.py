"""What the machine under the lab can do."""

from __future__ import annotations

import os
import platform
import re
import resource
from pathlib import Path

from tests.lab.command import run

CAP_SYS_RESOURCE = 24
PUBLIC_MIRROR = "http://deb.debian.org/debian"


def lacks_resource_capability() -> bool:
    """True where containers cannot get device rules or raised limits (no CAP_SYS_RESOURCE)."""
    status = Path("/proc/self/status").read_text()
    effective = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return effective is None or not int(effective[1], 16) >> CAP_SYS_RESOURCE & 1


def hard_limit(kind: int, wish: int) -> int:
    """Return `wish`, or the machine's own hard limit of that kind (`resource.RLIMIT_*`) if it is lower."""
    hard = resource.getrlimit(kind)[1]
    return wish if hard == resource.RLIM_INFINITY else min(wish, hard)


def mirror() -> str:
    """The Debian mirror to build from: CUTOVER_LAB_MIRROR, else the machine's own if it runs Debian."""
    wished = os.environ.get("CUTOVER_LAB_MIRROR")
    if wished:
        return wished.rstrip("/")
    if platform.freedesktop_os_release().get("ID") != "debian":
        return PUBLIC_MIRROR
    targets = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(SUITE)", check=False).stdout
    own = re.search(r"^(http://\S+) bookworm$", targets, re.MULTILINE)
    return own[1].rstrip("/") if own else PUBLIC_MIRROR


def cgroup_trees() -> tuple[Path, ...]:
    """The cgroup trees in which a host needs a place: cgroup2, and v1's systemd and memory trees."""
    trees = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, kind = line.partition(" - ")
        options = kind.split()[-1].split(",")
        wanted = not {"name=systemd", "memory"}.isdisjoint(options)
        if kind.startswith("cgroup2 ") or (kind.startswith("cgroup ") and wanted):
            trees.append(Path(fields.split()[4]))
    return tuple(trees)
