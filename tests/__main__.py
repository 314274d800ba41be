"""
The tests: `python -m tests`, or `make test`; every one of them with `--all`, or `make test-all`.

What is marked `thorough` is left out without `--all`: a failure that takes minutes, of a capability whose work and most
likely failure other tests show. What a change waits for takes about half an hour without it, twice as long with it.

First what needs no host. Then what does, by processes side by side, each with a lab of its own: most of a test's time
is waiting for something to start. They take file after file (`tests.sharing`). Every test is a line as it ends, behind
the name of its lab; what failed is said again at the end, with the sum in the last line.

Side by side the labs want more of two processors than there is, so a deadline of the product may pass although nothing
is wrong. Files that fail are run once more, whole, with the machine to themselves, and what fails then has failed. What
passed only so is named: it is slow, or a race that somebody should look for. When many files fail it is not the load.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.sharing import TAKEN, taken_as

HERE = Path(__file__).parent
ON_HOSTS = ("tests/lab", "tests/ui")
LABS = {"lab": "10.99.0", "second": "10.99.2", "third": "10.99.3"}
"""The labs: name and /24. With two of them a third of the processors' time on two cores is spent waiting."""

FAILED = int(pytest.ExitCode.TESTS_FAILED)
AGAIN = 3
"""So many files, or folders that are taken whole, are run again by themselves; more failing ones are no chance."""


def side_by_side(lab: str, taken: str, chosen: Sequence[str]) -> tuple[int, str]:
    """Run what one lab comes to take and return pytest's exit status and what it printed."""
    return run(lab, ["-p", "tests.sharing", "--durations=40", *chosen, *ON_HOSTS], {TAKEN: taken})


def run(lab: str, arguments: Sequence[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run pytest with a lab and return its exit status and what it printed."""
    here = os.environ | {"CUTOVER_LAB_NAME": lab, "CUTOVER_LAB_NET": LABS[lab], "PYTHONUNBUFFERED": "1"} | environment
    argv = [sys.executable, "-m", "pytest", "-vv", *arguments]
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


def failed_in(printed: str) -> list[str]:
    """Return the files and folders in which something failed, by pytest's summary."""
    files = re.findall(r"^(?:FAILED|ERROR) (\S+?\.py)", printed, re.MULTILINE)
    return sorted({str(taken_as(Path(file))) for file in files})


def closing(where: str, printed: str) -> str:
    """Return the sum of what pytest's processes printed, after the names of what failed."""
    failed = counted("failed", printed) + counted("errors?", printed)
    named = re.findall(r"^(?:FAILED|ERROR) \S.*", printed, re.MULTILINE)
    return "\n".join([*named, f"{where}: {counted('passed', printed)} passed, {failed} failed"])


def main(words: Sequence[str] | None = None) -> int:
    """Run the tests; the exit status is that of the first part that failed."""
    parser = argparse.ArgumentParser(prog="python -m tests")
    parser.add_argument("--all", action="store_true", help="those too that are marked thorough")
    chosen = [] if parser.parse_args(words).all else ["-m", "not thorough"]
    quick = subprocess.run([sys.executable, "-m", "pytest", "tests/unit"], cwd=HERE.parent, check=False).returncode
    if quick:
        return quick
    with TemporaryDirectory() as taken, ThreadPoolExecutor(len(LABS)) as pool:
        ended = list(pool.map(partial(side_by_side, taken=taken, chosen=chosen), LABS))
    printed = "\n".join(text for _, text in ended)
    print(closing("on hosts and in the browser", printed))
    status = max(status for status, _ in ended)
    again = failed_in(printed)
    if status != FAILED or not 0 < len(again) <= AGAIN:
        return status
    status, printed = run(next(iter(LABS)), [*chosen, *again], {})
    print(closing(f"by themselves {', '.join(again)}", printed))
    return status


if __name__ == "__main__":
    sys.exit(main())
