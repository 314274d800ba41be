"""Programs of the machine, started by name with an argument list."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from subprocess import CompletedProcess

from tests.lab.errors import LabError

LIMIT = 60.0


def run(
    *argv: object,
    check: bool = True,
    timeout: float = LIMIT,
    stdin: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> CompletedProcess[str]:
    """
    Run a program to its end and return its output and return code.

    Raises LabError with the program's words if it fails (unless `check` is False) or runs beyond `timeout`
    seconds.
    """
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{' '.join(words)}: still running after {timeout:.0f} s") from error
    if check and done.returncode:
        raise LabError(f"{' '.join(words)}: return code {done.returncode}\n{done.stdout}{done.stderr}")
    return done
