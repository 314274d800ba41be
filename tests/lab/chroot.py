"""Building a layer: `apt-get install` in a plain chroot over the base, keeping only what it changed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.lab import base, overlay
from tests.lab.command import run
from tests.lab.errors import LabError
from tests.lab.fingerprint import fingerprint
from tests.lab.layers import LAYERS, Layer, chain
from tests.lab.settings import Settings

# Downloaded packages and lists are bind-mounted, so they are fetched once and stay out of the layer. A layer that was
# broken off is thrown away, so dpkg need not sync each file.
INSTALL = """
set -e
root=$1; cache=$2; shift 2
mount --bind "$cache/archives" "$root/var/cache/apt/archives"
mount --bind "$cache/lists" "$root/var/lib/apt/lists"
mount -t proc proc "$root/proc"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
if [ -z "$(find "$cache/lists" -name '*_Packages' -mtime -1)" ]; then chroot "$root" apt-get -qq update; fi
chroot "$root" apt-get -qq -y -o APT::Keep-Downloaded-Packages=true -o DPkg::Options::=--force-unsafe-io \
    install --no-install-recommends "$@"
rm -f "$root"/var/cache/apt/*.bin
"""


def key(name: str) -> str:
    """The fingerprint of the recipe of a layer, of those below it and of the base."""
    recipe = [f"{layer.name} {' '.join(layer.packages)}" for layer in chain(name)]
    return fingerprint(base.key(), *recipe, files=[Path(__file__)])


def ensure(settings: Settings, name: str | None) -> tuple[Path, ...]:
    """Return the directories of a layer (None: only the base), bottom first, building what is missing."""
    lowers = [base.ensure(settings)]
    if name is not None and name not in LAYERS:
        raise LabError(f"no layer {name}; there are {', '.join(LAYERS)}")
    for layer in chain(name) if name else ():
        root = settings.cache / "layers" / f"{layer.name}-{key(layer.name)}"
        if not root.exists():
            _build(settings, layer, lowers, root)
        lowers.append(root)
    return tuple(lowers)


def _build(settings: Settings, layer: Layer, lowers: Sequence[Path], target: Path) -> None:
    half = target.with_name(f"{target.name}.half")
    overlay.unmount(half / "root")
    shutil.rmtree(half, ignore_errors=True)
    root = overlay.mount(lowers, half)
    try:
        _install(settings.cache / "apt", root, layer.packages)
    finally:
        overlay.unmount(root)
    (half / "up/usr/sbin/policy-rc.d").unlink()
    _start_nothing(half / "up")
    (half / "up").rename(target)
    shutil.rmtree(half)


def _install(cache: Path, root: Path, packages: Sequence[str]) -> None:
    for part in ("archives", "lists"):
        (cache / part / "partial").mkdir(parents=True, exist_ok=True)
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    resolver = root / "etc/resolv.conf"
    shutil.copy("/etc/resolv.conf", resolver)
    run("unshare", "--mount", "bash", "-c", INSTALL, "install", root, cache, *packages, timeout=1200)
    resolver.write_text("")


def _start_nothing(up: Path) -> None:
    """Packages enable their services; a host starts what it is told to (podman's own may stay enabled)."""
    for link in (up / "etc/systemd/system").glob("*.wants/*"):
        if not link.name.startswith("podman"):
            link.unlink()
