"""`python -m tests.lab.images [DIRECTORY]` builds what is missing and lists what there is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.lab.images.build import ensure


def main() -> None:
    """Build into DIRECTORY, by default where the lab keeps its images."""
    lab = Path(os.environ.get("CUTOVER_LAB", "/var/tmp/cutover-lab"))  # noqa: S108 - a cache, not a temporary file
    store = ensure(Path(sys.argv[1]) if len(sys.argv) > 1 else lab / "images", report=print)
    print(*sorted(store.references), sep="\n")


if __name__ == "__main__":
    main()
