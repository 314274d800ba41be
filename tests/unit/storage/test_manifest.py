from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cutover.errors import CutoverError
from cutover.storage import keys
from cutover.storage.keys import Kind
from cutover.storage.manifest import parse_manifest, parse_proof
from tests.unit.storage.examples import TENANT, manifest, proof

KEY = keys.manifest_key(manifest().id)


def edited(change: Callable[[dict[str, Any]], object]) -> bytes:
    said = json.loads(manifest().content())
    change(said)
    return json.dumps(said).encode()


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert parse_manifest(manifest().content(), TENANT, KEY) == manifest()


def test_a_manifest_knows_its_objects_and_their_sum() -> None:
    made = manifest()
    assert ([stored.host for stored in made.of(Kind.ASTERISK)], made.of(Kind.REDIS), made.size) == (["a"], (), 200)


def test_what_a_newer_cutover_adds_within_a_version_is_passed_over() -> None:
    content = edited(lambda said: (said.update(new=1), said["objects"][0].update(new=1), said["census"].update(new=1)))
    assert parse_manifest(content, TENANT, KEY) == manifest()


DAMAGED: list[tuple[bytes, str]] = [
    (b"", "CUT-705"),
    (b"\0" * 40, "CUT-705"),
    (b"[]", "CUT-705"),
    (b"{}", "CUT-705"),
    (manifest().content()[:-9], "CUT-705"),
    (edited(lambda said: said.pop("census")), "CUT-705"),
    (edited(lambda said: said["objects"][0].update(size=-1)), "CUT-705"),
    (edited(lambda said: said["objects"][0].update(kind="surprise")), "CUT-705"),
    (edited(lambda said: said.update(begun="2026-11-20T02:15:03")), "CUT-705"),
    (edited(lambda said: said.update(version=2)), "CUT-706"),
    (b'{"version": 2, "everything": "else"}', "CUT-706"),
    (edited(lambda said: said.update(tenant="other")), "CUT-707"),
    (manifest(tenant="other").content(), "CUT-707"),
    (edited(lambda said: said.update(id="20261120-021504-acme-1.26.0")), "CUT-708"),
]


@pytest.mark.parametrize(("content", "code"), DAMAGED)
def test_w06_each_way_to_be_wrong_has_its_own_code(content: bytes, code: str) -> None:
    with pytest.raises(CutoverError) as caught:
        parse_manifest(content, TENANT, KEY)
    (finding,) = caught.value.findings
    assert (finding.code, finding.where) == (code, KEY)
    assert finding.why
    assert finding.todo


def test_a_proof_is_read_as_it_was_written() -> None:
    assert parse_proof(proof(manifest()).content()) == proof(manifest())


@pytest.mark.parametrize("content", [b"", b"{}", b'{"version": 1}', proof(manifest(), version=2).content()])
def test_a_proof_that_cannot_be_read_proves_nothing(content: bytes) -> None:
    assert parse_proof(content) is None
