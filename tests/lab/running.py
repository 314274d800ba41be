"""A command that goes on while a test breaks something."""

from __future__ import annotations

import subprocess

from tests.lab.controller import LONGEST, Controller, Result
from tests.lab.errors import LabError
from tests.lab.host import Host
from tests.lab.waiting import wait_for

PATIENCE = 180.0


class Running:
    """A command under way; `ended` gives its result."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @classmethod
    def install(cls, controller: Controller, tenant: str) -> Running:
        """Begin to install a tenant."""
        return cls(controller.start("install", tenant, "--json"))

    @property
    def over(self) -> bool:
        """Has the command ended?"""
        return self._process.poll() is not None

    def until(self, host: Host, condition: str) -> None:
        """Return as soon as a shell condition holds on a host; raises LabError when the command ends before."""

        def holds() -> bool:
            if self.over:
                ended = self.ended()
                raise LabError(f"ended before {condition!r} held on {host.name}: {ended.stdout}{ended.stderr}")
            return host.run(condition, check=False).returncode == 0

        wait_for(f"{condition!r} on {host.name}", holds, PATIENCE, 0.05)

    def ended(self) -> Result:
        """Wait for the end of the command and return how it ended."""
        stdout, stderr = self._process.communicate(timeout=LONGEST)
        return Result(self._process.returncode, stdout, stderr)
