"""What is built once for all labs, and which of it nobody will use again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.lab import base, chroot
from tests.lab.layers import LAYERS
from tests.lab.settings import Settings


def stale(settings: Settings) -> list[Path]:
    """Bases and layers of old recipes, and what a broken build left, that no host of any lab stands on."""
    layers = settings.cache / "layers"
    wanted = {base.path(settings), *(layers / f"{name}-{chroot.key(name)}" for name in LAYERS)}
    wanted.update(_in_use(settings))
    built = [*settings.cache.glob("base-*"), *layers.glob("*")]
    return sorted(path for path in built if path not in wanted)


def remove_stale(settings: Settings) -> None:
    """Remove them."""
    for path in stale(settings):
        shutil.rmtree(path)


def _in_use(settings: Settings) -> Iterator[Path]:
    hosts = settings.directory.glob("labs/*/hosts/*/shape.json")
    states = (settings.cache / "golden").glob("*/lowers.json")
    for shape in hosts:
        yield from (Path(lower) for lower in json.loads(shape.read_text())["lowers"])
    for lowers in states:
        yield from (Path(lower) for lower in json.loads(lowers.read_text()))
