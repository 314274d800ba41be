"""One host's process tree: systemd as PID 1 in a container of systemd-nspawn."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.command import run
from tests.lab.waiting import wait_for

# With --keep-unit nspawn ends with 133 when the host reboots itself: start it again.
LOOP = """
log=$1; pid=$2; groups=$3; shift 3
exec >>"$log" 2>&1 </dev/null
for group in $groups; do echo $$ >"$group/cgroup.procs" || exit; done
while :; do "$@" & echo $! >"$pid"; wait $!; [ $? = 133 ] || exit; done
"""
# sysctls of the network belong to the host; those of the kernel stay the machine's.
ENVIRONMENT = {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"}


@dataclass(frozen=True, slots=True)
class Container:
    """A host's container: its root, its network namespace and what is bound into it."""

    name: str
    directory: Path
    root: Path
    namespace: str
    binds: Mapping[Path, str]
    readonly_binds: Mapping[Path, str]

    def start(self, groups: Sequence[Path], limit: float = 30) -> None:
        """Boot in the given cgroups; returns as soon as the process is there, long before SSH answers."""
        self._pid_file.unlink(missing_ok=True)
        names = " ".join(str(group) for group in groups)
        log = self.directory / "console.log"
        argv = ["setsid", "--fork", "bash", "-c", LOOP, self.name, log, self._pid_file, names, *self._argv()]
        # Left open, the pipes of this call would be the host's.
        run(*argv, environment={**os.environ, **ENVIRONMENT})
        wait_for(f"{self.name}: start of its container ({log})", lambda: self.pid is not None, limit, 0.02)

    @property
    def pid(self) -> int | None:
        """The process number of nspawn, None when the host is off."""
        try:
            pid = int(self._pid_file.read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if str(self.root).encode() in words else None

    @property
    def leader(self) -> int | None:
        """The machine's number of the host's PID 1, None when the host is off."""
        pid = self.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except OSError:
            return None
        return int(children[0]) if children else None

    def power_off(self, limit: float) -> None:
        """Shut down in good order; raises LabError after `limit` seconds."""
        self._signal(self.pid, signal.SIGTERM)
        wait_for(f"{self.name}: orderly power-off", lambda: self.pid is None, limit, 0.05)

    def power_cut(self, limit: float = 30) -> None:
        """End every process of the host at once."""
        leader, pid = self.leader, self.pid
        self._signal(leader or pid, signal.SIGKILL)
        wait_for(f"{self.name}: power cut", lambda: self.pid is None, limit, 0.02)

    def _signal(self, pid: int | None, number: signal.Signals) -> None:
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    @property
    def _pid_file(self) -> Path:
        return self.directory / "pid"

    def _argv(self) -> list[str]:
        return [
            "systemd-nspawn",
            "--quiet",
            "--directory",
            str(self.root),
            "--boot",
            f"--machine={self.name}",
            f"--network-namespace-path=/run/netns/{self.namespace}",
            "--register=no",
            "--keep-unit",
            "--capability=all",
            # With it a host that sets its time zone would move the machine's clock.
            "--drop-capability=CAP_SYS_TIME",
            "--resolv-conf=off",
            "--timezone=off",
            "--console=pipe",
            "--system-call-filter=keyctl bpf @keyring",
            *(f"--bind={source}:{target}" for source, target in self.binds.items()),
            *(f"--bind-ro={source}:{target}" for source, target in self.readonly_binds.items()),
        ]
