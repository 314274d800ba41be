"""Writes the golden files anew (`python -m tests.unit.products.omnileads.golden`); read the difference first."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.unit.products.omnileads.cases import all_files

GOLDEN = Path(__file__).parent / "golden"
CASES = ("aio", "ait", "ha")
LEFT_OUT = ("sql_1", "sql_2", "voice_1", "app_1", "haproxy_1")
"""Hosts whose files are much like the other one's of their pair, and PostgreSQL's, which have tests of their own."""

LIKE_AIT = "/etc/asterisk/custom/"

NEW_EACH_TIME = ("/etc/omnileads/certs/", "/etc/omnileads/hap.pem")
PROGRAMS = ("redis-main",)
"""Files that are in the project as they are."""


def rendered(case: str) -> dict[str, bytes]:
    """Return every file of a case by `host/path`, but for the key pair, which is new each time."""
    chosen = [
        (host, file)
        for host, file in all_files(case)
        if host not in LEFT_OUT and not (case == "ha" and file.path.startswith(LIKE_AIT))
    ]
    modes = sorted(
        f"{file.mode:04o} {file.owner}:{file.group} {host}{file.path}" + (" once" if file.once else "")
        for host, file in chosen
    )
    files = {
        f"{host}{file.path}": file.content
        for host, file in chosen
        if not file.path.startswith(NEW_EACH_TIME) and not file.path.endswith(PROGRAMS)
    }
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
