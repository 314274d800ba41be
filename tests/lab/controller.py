"""A controller of its own: the `cutover` command with its tenants, its Prefect server and worker, beside a lab."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover.hosts import lease
from tests.lab import database, identity
from tests.lab.host import Host
from tests.lab.loaded import loaded
from tests.lab.settings import Settings
from tests.lab.tenants import PROJECT, LabTenant, make

LONGEST = 600.0
LEASE = lease.SHORTEST
"""Seconds for which a run that died holds its tenant where tests wait for that often."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """What a command with `--json` printed."""
        return json.loads(self.stdout)


class Controller:
    """
    The command line of one controller; `folder` holds its tenants and its state.

    `life` is how long the leases of its runs live, in seconds, where that is not to be the usual.
    """

    def __init__(self, settings: Settings, folder: Path, life: int | None = None) -> None:
        self.tenants = folder / "tenants"
        self.home = folder / "home"
        self.tenants.mkdir(parents=True, exist_ok=True)
        registries = folder / "registries.conf"
        registries.write_text(identity.registries(settings))
        self._settings = settings
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CUTOVER_"))}
        self._program = [str(PROJECT / ".venv/bin/cutover")]
        self.environment = kept | {
            "CUTOVER_TENANTS": str(self.tenants),
            "CUTOVER_HOME": str(self.home),
            "CUTOVER_SSH_KEY": str(settings.key),
            "CUTOVER_REGISTRIES_CONF": str(registries),
        }
        if life is not None:
            self.environment[lease.SETTING] = str(life)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and return its process."""
        return subprocess.Popen(
            [*self._program, *arguments],
            env=self.environment,
            cwd=PROJECT,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str) -> Result:
        """Run a command to its end."""
        process = self.start(*arguments)
        stdout, stderr = process.communicate(timeout=LONGEST)
        return Result(process.returncode, stdout, stderr)

    def tenant(self, name: str, example: str, hosts: Sequence[Host]) -> LabTenant:
        """Make a tenant of this controller from an example, on these hosts."""
        return make(self.tenants, name, example, hosts)

    @contextmanager
    def server(self, port: int) -> Iterator[str]:
        """
        Have `cutover up` on a port for a while; give the address of the UI.

        Meanwhile commands come out of a process that has loaded them.
        """
        database.place(self._settings, self.home)
        started = self.run("up", "--port", str(port))
        if started.status:
            raise RuntimeError(f"cutover up failed: {started.stdout}{started.stderr}")
        itself = self._program
        try:
            with loaded(self.home / "loaded") as self._program:
                yield f"http://127.0.0.1:{port}"
        finally:
            self._program = itself
            self.run("down", "--now")
