"""A command that goes on while a test breaks something."""

from __future__ import annotations

import shlex
import subprocess
import time

from tests.lab.controller import LONGEST, Controller, Result
from tests.lab.errors import LabError
from tests.lab.host import Host

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
    def pid(self) -> int:
        """The command's process."""
        return self._process.pid

    @property
    def over(self) -> bool:
        """Has the command ended?"""
        return self._process.poll() is not None

    def until(self, host: Host, condition: str) -> None:
        """Return as soon as a shell condition holds on a host; raises LabError when the command ends before."""
        loop = f"until {{ {condition}; }} >/dev/null 2>&1; do sleep 0.05; done"
        watch = host.ssh_argv(shlex.join(["timeout", str(PATIENCE), "bash", "-c", loop]))
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with subprocess.Popen(watch, stdin=subprocess.DEVNULL) as watching:
                while watching.poll() is None and not self.over:
                    time.sleep(0.02)
                watching.kill()
            if watching.returncode == 0:
                return
            if self.over:
                ended = self.ended()
                raise LabError(f"ended before {condition!r} held on {host.name}: {ended.stdout}{ended.stderr}")
            time.sleep(0.2)
        raise LabError(f"{condition!r} on {host.name}: not within {PATIENCE:.0f} s")

    def ended(self) -> Result:
        """Wait for the end of the command and return how it ended."""
        stdout, stderr = self._process.communicate(timeout=LONGEST)
        return Result(self._process.returncode, stdout, stderr)
