"""
Every test: `python -m tests`, or `make test`.

First what needs no host. Then what does, in two halves side by side, each in a lab of its own: most of a test's time
is waiting for processes to start. What each half prints is shown as a whole, and the sum in the last line.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Half(NamedTuple):
    """Tests that share a lab: its name and its /24, and what is collected."""

    lab: str
    net: str
    paths: tuple[str, ...]


FAULTS = tuple(f"tests/lab/flows/test_{name}.py" for name in ("faults", "refusals", "secrets"))
HALVES = (
    Half("faults", "10.99.2", FAULTS),
    Half("lab", "10.99.0", ("tests/lab", "tests/ui", *(f"--ignore={path}" for path in FAULTS))),
)


def run(half: Half) -> tuple[int, str]:
    """Run one half and return its exit status and what it printed."""
    here = os.environ | {"CUTOVER_LAB_NAME": half.lab, "CUTOVER_LAB_NET": half.net}
    argv = [sys.executable, "-m", "pytest", "--durations=12", *half.paths]
    done = subprocess.run(
        argv, cwd=HERE.parent, env=here, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    print(done.stdout, flush=True)
    return done.returncode, done.stdout


def counted(word: str, printed: str) -> int:
    """Return a number from pytest's closing line."""
    return sum(int(number) for number in re.findall(rf"^.*?(\d+) {word}.* in [\d.]+s", printed, re.MULTILINE))


def main() -> int:
    """Run everything; the exit status is that of the first part that failed."""
    quick = subprocess.run([sys.executable, "-m", "pytest", "tests/unit"], cwd=HERE.parent, check=False).returncode
    if quick:
        return quick
    with ThreadPoolExecutor(len(HALVES)) as pool:
        ended = list(pool.map(run, HALVES))
    printed = "\n".join(text for _, text in ended)
    failed = counted("failed", printed) + counted("errors?", printed)
    print(f"on hosts and in the browser: {counted('passed', printed)} passed, {failed} failed")
    return max(status for status, _ in ended)


if __name__ == "__main__":
    sys.exit(main())
