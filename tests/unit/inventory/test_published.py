from __future__ import annotations

from pathlib import Path

import pytest

from cutover.inventory import published as module
from cutover.inventory.published import published
from cutover.secret import Secret


@pytest.mark.parametrize(("text", "known"), [("demo", True), ("Demo", False), ("", False), ("demo ", False)])
def test_w23_published_secrets_are_known_by_their_digest(text: str, known: bool) -> None:
    assert published(Secret(text)) is known


def test_digests_are_sixteen_hex_digits() -> None:
    assert {len(digest) for digest in module._DIGESTS} == {16}
    assert all(int(digest, 16) for digest in module._DIGESTS)
    assert len(module._DIGESTS) == 21


def test_no_published_secret_stands_in_the_project() -> None:
    root = Path(__file__).parents[3]
    files = [*root.glob("cutover/**/*.py"), *root.glob("tenants/example-*/*"), *root.glob("docs/reference/*")]
    words = {word.strip("\"'`,.()") for file in files if file.is_file() for word in file.read_text().split()}
    assert {word for word in words if published(Secret(word))} <= {"demo"}
