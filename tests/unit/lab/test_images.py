"""The stand-ins' catalogue: nothing missing, nothing built from the wrong layer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cutover.products.omnileads import images
from cutover.products.omnileads.releases import Release, releases
from tests.lab.images import IMAGES, SHARED_LAYERS, build
from tests.lab.images.build import wanted
from tests.unit.products.omnileads.cases import CASES, tenant

REFERENCES = {recipe.reference for recipe in IMAGES}
RELEASES = ("1.26.0", "1.27.0", "1.27.1")


def completed(reference: str) -> str:
    """As podman completes a name without a namespace."""
    registry, _, name = reference.partition("/")
    return reference if "/" in name else f"{registry}/library/{name}"


@pytest.mark.parametrize(
    "case", sorted(folder.name for folder in CASES.iterdir() if (folder / "inventory.yml").exists())
)
def test_every_image_that_a_tenant_of_any_layout_runs_has_a_stand_in(case: str) -> None:
    # One case takes the application from a namespace of its own; its stand-in is the usual one.
    names = {str(image).replace("docker.io/example/", "docker.io/omnileads/") for image in images(tenant(case))}
    assert {completed(name) for name in names} <= REFERENCES


@pytest.mark.parametrize(
    "release", [each for each in releases() if each.name in RELEASES], ids=lambda each: str(each.date)
)
def test_every_tag_of_a_release_in_the_table_has_a_stand_in(release: Release) -> None:
    cells = {(cell, tag) for cell, tags in release.cells.items() for tag in tags}
    assert {tag if "/" in tag else f"docker.io/omnileads/{cell}:{tag}" for cell, tag in cells} <= REFERENCES


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("edition", ["", "-enterprise"])
def test_both_editions_of_each_release_of_the_application_can_be_tried(release: str, edition: str) -> None:
    assert f"docker.io/omnileads/omlapp:{release}{edition}" in REFERENCES


def test_every_image_has_two_tags_to_upgrade_between() -> None:
    names = [reference.rpartition(":")[0] for reference in REFERENCES]
    assert {name for name in names if names.count(name) < 2} == set()


def test_every_stand_in_stands_on_a_shared_layer_and_says_how_it_starts() -> None:
    assert len(REFERENCES) == len(IMAGES)
    for recipe in IMAGES:
        assert recipe.base in SHARED_LAYERS
        assert "ENTRYPOINT" in (build.HERE / recipe.folders[0] / "Containerfile").read_text()


def test_no_two_stand_ins_are_built_from_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hashes = wanted()
    assert len(set(hashes.values())) == len(hashes)
    copy = tmp_path / "images"
    shutil.copytree(build.HERE, copy)
    monkeypatch.setattr(build, "HERE", copy)
    assert wanted() == hashes
    (copy / "redis/rootfs/usr/local/bin/start-redis").write_text("changed")
    changed = {reference for reference, sources in wanted().items() if hashes[reference] != sources}
    assert changed == {reference for reference in REFERENCES if "/redis:" in reference or "redisgears" in reference}


def test_a_changed_layer_changes_all_that_stands_on_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hashes = wanted()
    copy = tmp_path / "images"
    shutil.copytree(build.HERE, copy)
    monkeypatch.setattr(build, "HERE", copy)
    (copy / "layers/asterisk22.containerfile").write_text("changed")
    changed = {reference for reference, sources in wanted().items() if hashes[reference] != sources}
    asterisk = {f"docker.io/omnileads/asterisk:{tag}" for tag in ("230417.01", "230508.01")}
    assert changed == {"docker.io/standin/asterisk22:latest", *asterisk}
