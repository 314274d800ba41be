"""Whole renderings of an AIO and an AIT tenant: paths, contents, modes."""

from __future__ import annotations

import pytest

from tests.unit.products.omnileads.golden import CASES, GOLDEN, rendered


@pytest.mark.parametrize("case", CASES)
def test_a_tenant_is_rendered_as_recorded(case: str) -> None:
    folder = GOLDEN / case
    recorded = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    files = rendered(case)

    assert files.keys() == recorded.keys()
    assert {path for path in files if files[path] != recorded[path]} == set()
