"""Writes the golden files anew (`python -m tests.unit.products.omnileads.golden`); read the difference first."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.unit.products.omnileads.cases import all_files

GOLDEN = Path(__file__).parent / "golden"
CASES = ("aio", "ait")
NEW_EACH_TIME = "/etc/omnileads/certs/"


def rendered(case: str) -> dict[str, bytes]:
    """Return every file of a case by `host/path`, but for the key pair, which is new each time."""
    files = {f"{host}{file.path}": file.content for host, file in all_files(case) if NEW_EACH_TIME not in file.path}
    modes = sorted(
        f"{file.mode:04o} {file.owner}:{file.group} {host}{file.path}" + (" once" if file.once else "")
        for host, file in all_files(case)
    )
    return {**{path: content for path, content in files.items() if content}, "MODES": "\n".join(modes).encode() + b"\n"}


def main() -> None:
    shutil.rmtree(GOLDEN, ignore_errors=True)
    for case in CASES:
        for path, content in rendered(case).items():
            target = GOLDEN / case / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


if __name__ == "__main__":
    main()
