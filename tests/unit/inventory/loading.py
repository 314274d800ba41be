"""Loads a text as the tenant `acme`."""

from __future__ import annotations

from pathlib import Path

import pytest

from cutover.errors import CutoverError, Finding
from cutover.inventory import Tenant, load


def write(folder: Path, text: str, name: str = "acme") -> Path:
    """Write an inventory; returns the tenant's folder."""
    tenant = folder / name
    tenant.mkdir(exist_ok=True)
    (tenant / "inventory.yml").write_text(text)
    return tenant


def loaded(folder: Path, text: str) -> Tenant:
    """Return the tenant."""
    write(folder, text)
    return load("acme", folder)


def refused(folder: Path, text: str) -> tuple[Finding, ...]:
    """Return the findings that make the inventory unusable."""
    write(folder, text)
    with pytest.raises(CutoverError) as caught:
        load("acme", folder)
    return tuple(finding for finding in caught.value.findings if finding.fatal)


def only(folder: Path, text: str) -> Finding:
    """Return the one finding that makes the inventory unusable."""
    (finding,) = refused(folder, text)
    return finding


def warned(folder: Path, text: str, code: str) -> Finding:
    """Return the one warning with this code."""
    (finding,) = (finding for finding in loaded(folder, text).warnings if finding.code == code)
    return finding


def replaced(text: str, *changes: tuple[str, str]) -> str:
    """Return the text with each change made; a change that changes nothing is a mistake in the test."""
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    return text


def line_of(text: str, part: str) -> int:
    """Return the number of the first line that holds this part."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)
