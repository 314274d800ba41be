"""What is built once for all labs, and which of it nobody will use again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.lab import base, chroot
from tests.lab.layers import LAYERS
from tests.lab.publishing import SHARED
from tests.lab.settings import Settings


def stale(settings: Settings) -> list[Path]:
    """Bases, layers and shared images of old recipes, and broken builds, that no host of any lab stands on."""
    layers = settings.cache / "layers"
    wanted = {base.path(settings), *(layers / f"{name}-{chroot.key(name)}" for name in LAYERS)}
    wanted.update(in_use(settings), _under_states(settings))
    shared = sorted(settings.cache.glob(f"{SHARED}-*"), key=lambda path: path.stat().st_mtime)
    built = [*settings.cache.glob("base-*"), *layers.glob("*"), *shared[:-1]]
    return sorted(path for path in built if path not in wanted)


def remove_stale(settings: Settings) -> None:
    """Remove them."""
    for path in stale(settings):
        shutil.rmtree(path)


def in_use(settings: Settings) -> Iterator[Path]:
    """The read-only directories that a host of any lab stands on."""
    for shape in settings.directory.glob("labs/*/hosts/*/shape.json"):
        kept = json.loads(shape.read_text())
        yield from (Path(path) for path in (*kept["lowers"], kept["images"]) if path)


def _under_states(settings: Settings) -> Iterator[Path]:
    for lowers in (settings.cache / "golden").glob("*/lowers.json"):
        yield from (Path(lower) for lower in json.loads(lowers.read_text()))
