"""README.md names nothing that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cutover.cli.main import VERBS

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text()
TWO_SCREENS = 100


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", README))))
def test_every_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (PROJECT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"^cutover ([a-z]+)", README, re.MULTILINE))))
def test_every_verb_exists(verb: str) -> None:
    assert verb in {each.NAME for each in VERBS}


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)]+)\)", README))))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (PROJECT / link).exists()


@pytest.mark.parametrize("example", sorted(set(re.findall(r"\bexample-[a-z]+", README))))
def test_every_example_exists(example: str) -> None:
    assert (PROJECT / "tenants" / example / "inventory.yml").exists()


def test_it_fits_on_two_screens() -> None:
    assert len(README.splitlines()) <= TWO_SCREENS
