"""The stand-ins' way to the hosts: all into the registry, their large layers into a store for all."""

from __future__ import annotations

import json
from pathlib import Path

from tests.lab.command import run
from tests.lab.errors import LabError
from tests.lab.fingerprint import fingerprint
from tests.lab.images.build import ImageStore, Report, quiet
from tests.lab.registry import Registry
from tests.lab.settings import Settings

PULL_LIMIT = 600.0
SHARED = "shared-images"


def publish(store: ImageStore, registry: Registry, report: Report = quiet) -> None:
    """Push every image whose content the registry does not have yet; the registry must run."""
    record = registry.settings.cache / "registry" / "pushed.json"
    pushed: dict[str, str] = json.loads(record.read_text()) if record.exists() else {}
    listed = store.run("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.Id}}").splitlines()
    identities = dict(line.split() for line in listed)
    for reference in (*store.shared_layers, *store.references):
        identity = identities[reference]
        if pushed.get(reference) != identity:
            report(f"pushing {reference}")
            store.push(reference, registry.settings.registry)
            pushed[reference] = identity
            record.write_text(json.dumps(pushed, indent=1))


def share_layers(settings: Settings, store: ImageStore, registry: Registry) -> Path:
    """
    Return a store that holds only the large layers, for hosts to have read-only beside their own.

    It is pulled from the registry, not copied from the store of the build: by a pulled layer's compressed
    digest a host sees that it need not pull it. So hosts pull every image for real, without its large layers.
    """
    digests = []
    for reference in store.shared_layers:
        name, _, tag = reference.partition("/")[2].rpartition(":")
        digest = registry.digest(name, tag)
        if digest is None:
            raise LabError(f"{reference} is not in the registry at {settings.registry}: publish it first")
        digests.append(f"{settings.registry}/{name}@{digest}")
    shared = settings.cache / f"{SHARED}-{fingerprint(*(name.partition('@')[2] for name in digests))}"
    if not (shared / "complete").exists():
        for name in digests:
            options = ["--root", shared, "--runroot", settings.cache / "podman-run"]
            run("podman", *options, "pull", "--quiet", "--tls-verify=false", name, timeout=PULL_LIMIT)
        (shared / "complete").touch()
    return shared
