"""
Every test: `python -m tests`, or `make test`.

First what needs no host. Then what does, by processes side by side, each with a lab of its own: most of a test's time
is waiting for something to start. They take file after file (`tests.sharing`). Every test is a line as it ends, behind
the name of its lab; what failed is said again at the end, with the sum in the last line.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.sharing import TAKEN

HERE = Path(__file__).parent
ON_HOSTS = ("tests/lab", "tests/ui")
LABS = {"lab": "10.99.0", "second": "10.99.2", "third": "10.99.3"}
"""The labs: name and /24. With two of them a third of the processors' time on two cores is spent waiting."""


def run(lab: str, taken: str) -> tuple[int, str]:
    """Run what one lab comes to take and return pytest's exit status and what it printed."""
    here = os.environ | {"CUTOVER_LAB_NAME": lab, "CUTOVER_LAB_NET": LABS[lab], TAKEN: taken, "PYTHONUNBUFFERED": "1"}
    argv = [sys.executable, "-m", "pytest", "-vv", "-p", "tests.sharing", "--durations=40", *ON_HOSTS]
    lines = []
    with subprocess.Popen(
        argv, cwd=HERE.parent, env=here, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            print(f"{lab:6} {line}", end="", flush=True)
            lines.append(line)
    return running.returncode, "".join(lines)


def counted(word: str, printed: str) -> int:
    """Return a number from pytest's closing line."""
    return sum(int(number) for number in re.findall(rf"^.*?(\d+) {word}.* in [\d.]+s", printed, re.MULTILINE))


def main() -> int:
    """Run everything; the exit status is that of the first part that failed."""
    quick = subprocess.run([sys.executable, "-m", "pytest", "tests/unit"], cwd=HERE.parent, check=False).returncode
    if quick:
        return quick
    with TemporaryDirectory() as taken, ThreadPoolExecutor(len(LABS)) as pool:
        ended = list(pool.map(partial(run, taken=taken), LABS))
    printed = "\n".join(text for _, text in ended)
    print("\n".join(re.findall(r"^(?:FAILED|ERROR) .*", printed, re.MULTILINE)))
    failed = counted("failed", printed) + counted("errors?", printed)
    print(f"on hosts and in the browser: {counted('passed', printed)} passed, {failed} failed")
    return max(status for status, _ in ended)


if __name__ == "__main__":
    sys.exit(main())
