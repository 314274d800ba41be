"""A server program of the lab on the machine: started in the background, found again, ended."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.command import run
from tests.lab.errors import LabError
from tests.lab.settings import Settings
from tests.lab.waiting import wait_for

START = 'log=$1; pid=$2; shift 2; exec >>"$log" 2>&1 </dev/null; echo $$ >"$pid"; exec "$@"'


@dataclass(frozen=True, slots=True)
class Daemon:
    """A server program by name; its process number and log are in the lab's state."""

    settings: Settings
    name: str

    @property
    def log(self) -> Path:
        """What the program writes."""
        return self.settings.state / "services" / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """The number of the running process, None when it does not run."""
        try:
            pid = int(self._pid_file.read_text())
            started = self._started_file.read_text()
        except (OSError, ValueError):
            return None
        return pid if _start_time(pid) == started else None

    def start(
        self,
        argv: Sequence[str],
        ready: Callable[[], bool],
        *,
        environment: Mapping[str, str] | None = None,
        limit: float = 60,
    ) -> None:
        """
        Start the program unless it runs, and wait until `ready`; raises LabError with its last words if not.

        It outlives the process that started it.
        """
        if self.pid is None:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            launcher = [
                "setsid",
                "--fork",
                "bash",
                "-c",
                START,
                self.name,
                str(self.log),
                str(self._pid_file),
            ]
            run(*launcher, *argv, environment={**os.environ, **(environment or {})})
            wait_for(f"{self.name}: start", self._identify, 5, 0.02)
        try:
            wait_for(f"{self.name}: an answer", ready, limit)
        except LabError as error:
            words = self.log.read_text(errors="replace")[-2000:]
            raise LabError(f"{error}\n{words}") from error

    def stop(self, limit: float = 10) -> None:
        """End the program, by force after `limit` seconds; does nothing when it does not run."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(LabError):
            wait_for(f"{self.name}: end", lambda: self.pid is None, limit, 0.02)
        self._signal(signal.SIGKILL)
        wait_for(f"{self.name}: end by force", lambda: self.pid is None, 5, 0.02)
        self._pid_file.unlink(missing_ok=True)

    def _identify(self) -> bool:
        """Keep the process's start time beside its number, since numbers come again."""
        try:
            started = _start_time(int(self._pid_file.read_text()))
        except (OSError, ValueError):
            return False
        self._started_file.write_text(started or "")
        return True

    def _signal(self, number: signal.Signals) -> None:
        pid = self.pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    @property
    def _pid_file(self) -> Path:
        return self.log.with_suffix(".pid")

    @property
    def _started_file(self) -> Path:
        return self.log.with_suffix(".started")


def _start_time(pid: int) -> str | None:
    """The process's start in clock ticks since boot; None when there is no such process, or only a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]
