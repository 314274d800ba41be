"""What a lab may have left on the machine."""

from __future__ import annotations

from pathlib import Path

from tests.lab import cgroup
from tests.lab.command import run
from tests.lab.settings import Settings


def find(settings: Settings, link: str) -> list[str]:
    """Name every namespace, link, route, mount, cgroup and process of the lab; none after it was taken down."""
    directory = f"{settings.state}/"
    names = [path.name for path in Path("/run/netns").glob("*")]
    own = [name for name in names if name == settings.name or name.startswith(f"{settings.name}-")]
    mounts = Path("/proc/mounts").read_text().splitlines()
    return [
        *(f"namespace {name}" for name in own),
        *(f"link {link}" for _ in Path("/sys/class/net").glob(link)),
        *(f"route {line}" for line in _routes(settings)),
        *(f"mount {line.split()[1]}" for line in mounts if directory in line),
        *(f"cgroup {group}" for group in cgroup.groups(settings)),
        *(f"process {pid}" for pid in _processes_naming(directory)),
    ]


def _routes(settings: Settings) -> list[str]:
    return run("ip", "route", "show", "exact", settings.subnet).stdout.splitlines()


def _processes_naming(directory: str) -> list[int]:
    found = []
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if directory.encode() in cmdline.read_bytes():
                found.append(int(cmdline.parent.name))
        except OSError:
            continue
    return found
