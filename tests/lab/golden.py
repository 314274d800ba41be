"""Golden states: a stopped host's disk kept as a layer, so that the next hosts come up installed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.lab import identity
from tests.lab.command import run
from tests.lab.errors import LabError
from tests.lab.host import Host
from tests.lab.settings import Settings


def path(settings: Settings, name: str) -> Path:
    """Where the golden state of that name is or will be; the name should carry a key of what led to it."""
    return settings.cache / "golden" / name


def keep(host: Host, name: str) -> Path:
    """
    Keep the disk of a host that is off as the golden state `name`, replacing an older one, and return its place.

    Name, address and keys of the host are left out: whoever starts from it is another host.
    """
    if host.running:
        raise LabError(f"{host.name} is on: stop it before its disk is kept")
    kept = path(host.settings, name)
    half = kept.with_name(f"{name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    host.disk.mount([Path(lower) for lower in host.shape.lowers])
    try:
        run("cp", "-a", "--reflink=auto", host.disk.up, half / "root", timeout=300)
        run("cp", "-a", "--reflink=auto", host.disk.containers, half / "containers", timeout=300)
    finally:
        host.disk.unmount()
    for part in identity.PATHS:
        run("rm", "-rf", half / "root" / part)
    (half / "lowers.json").write_text(json.dumps([*host.shape.lowers, str(kept / "root")]))
    shutil.rmtree(kept, ignore_errors=True)
    half.rename(kept)
    return kept


def forget(settings: Settings, name: str) -> None:
    """Remove a golden state, which no host may stand on any more."""
    shutil.rmtree(path(settings, name), ignore_errors=True)


def lowers(settings: Settings, name: str) -> tuple[Path, ...]:
    """The directories under a host that starts from a golden state, bottom first; LabError if there is none."""
    try:
        listed: list[str] = json.loads((path(settings, name) / "lowers.json").read_text())
    except FileNotFoundError:
        raise LabError(f"no golden state {name}") from None
    return tuple(Path(lower) for lower in listed)
