"""Everything of prefect.yaml is registered at the server, by Prefect's own command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from cutover.cli.server.home import root
from cutover.errors import CutoverError, Finding


def register(environment: Mapping[str, str], log: Path) -> None:
    """
    Register the deployments of prefect.yaml, with the tenants that exist now in the form's list.

    Doing it again changes what has changed. Raises CutoverError (CUT-614) with the last lines of the command.
    """
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    done = subprocess.run(
        [*command, "--prefect-file", str(root() / "prefect.yaml")],
        env=dict(environment),
        cwd=root(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    log.write_text(done.stdout)
    if done.returncode:
        why = "\n".join(done.stdout.splitlines()[-15:])
        todo = f"the whole output is in {log}"
        raise CutoverError(Finding("CUT-614", "the flows could not be registered", "prefect.yaml", why, todo))
