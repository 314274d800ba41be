"""
Long work on a host: a transient systemd unit that goes on when the connection is lost, and is found again.

Invariant: of a job there is at most one on a host, and it ends with the operation that started it. Its folder carries
a mark, the lease's token with a digest of the job: whoever starts the same job again under the same lease only follows
it, another mark in its place is ended first, and `clear` ends what operations that died have left. The folder is in
memory, for root alone: what it holds may be secret, and nothing of it is in the unit's properties or environment.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from cutover.errors import CutoverError, Finding, HostUnreachableError
from cutover.hosts.lease import guard_lines
from cutover.hosts.operation import Operation
from cutover.hosts.script import call, library, script, with_input
from cutover.secret import without

PATIENCE = 180.0
"""Seconds for which a host may be out of reach while its job goes on."""

LOOK = 50
"""Fiftieths of a second that one look at a job takes at most: it waits on the host for the job's end."""

LIBRARIES = ("lease", "job")

log = logging.getLogger("cutover.job")


@dataclass(frozen=True, slots=True)
class Job:
    """
    A bash script for a host, which finds its `files` in its working directory.

    `name` is the job's among those of its host. The lines run with pipefail, nothing on standard input, and
    `stages` (remote/stages.sh) to say how each part of a pipeline ended. A container that they start is named
    `$JOB`, with `--cidfile=container`: it ends with the job. They may write `progress` (a number of bytes) and
    `result` (a JSON object).
    """

    name: str
    lines: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    libraries: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", self.name):
            raise ValueError(f"not a name of a job: {self.name!r}")


@dataclass(frozen=True, slots=True)
class JobState:
    """How a job stands: `status` and what it left once it has ended, `progress` in bytes at any time."""

    running: bool
    status: int | None = None
    stages: Mapping[str, int] = field(default_factory=dict)
    progress: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)
    log: str = ""


Seen = Callable[[JobState], Awaitable[None]]


def run_file(job: Job) -> bytes:
    """Return the script that the unit runs."""
    lines = [
        f"cd /run/cutover/jobs/{job.name} || exit",
        "umask 077",
        "exec >log 2>&1 </dev/null",
        f"export LC_ALL=C.UTF-8 HOME=/root JOB=cutover-job-{job.name}",
        "set -o pipefail",
        *map(library, ("stages", *job.libraries)),
        *job.lines,
    ]
    return ("\n".join(lines) + "\n").encode()


def mark(job: Job, token: str) -> str:
    """Return what tells this job, started under the lease with this token, from any other of its name."""
    digest = sha256(run_file(job))
    for name, content in sorted(job.files.items()):
        digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return f"{token} {digest.hexdigest()}"


def start_lines(job: Job, shown: str) -> list[str]:
    """Return the lines (libraries `job`) that start a job, unless it was started before, and print how it stands."""
    files = {"run": run_file(job), **job.files}
    written = [with_input(call("job_file", job.name, name), content) for name, content in files.items()]
    return [
        f"if {call('job_begin', job.name, shown)}; then",
        *written,
        call("job_start", job.name),
        "fi",
        call("job_look", job.name, shown),
    ]


def parse(stdout: str) -> JobState | None:
    """Return what `job_look` printed, None when the job is gone."""
    running, status, progress, log_tail = False, None, 0, ""
    stages: dict[str, int] = {}
    result: dict[str, Any] = {}
    for line in stdout.splitlines():
        match line.split("\t"):
            case ["job", "running"]:
                running = True
            case ["job", "ended", number]:
                status = int(number)
            case ["progress", number] if number.isdigit():
                progress = int(number)
            case ["stage", name, number]:
                stages[name] = int(number)
            case ["result", encoded]:
                result = json.loads(base64.b64decode(encoded))
            case ["log", encoded]:
                log_tail = base64.b64decode(encoded).decode(errors="replace")
    if not running and status is None:
        return None
    return JobState(running, status, stages, progress, result, log_tail)


async def carry_out(this: Operation, host: str, job: Job, seen: Seen | None = None) -> JobState:
    """
    Start a job on a host, follow it to its end and return how it ended; `seen` is told how it stands meanwhile.

    A job that failed is returned, not raised. When this is cancelled or fails the job is ended on the host.
    Raises HostUnreachableError when the host was out of reach for PATIENCE seconds; called again then, it follows
    the same job on. Raises CutoverError when the job is gone.
    """
    lease = this.required_lease()
    shown = mark(job, lease.token)
    look = script(("job",), [call("job_await", job.name, LOOK), call("job_look", job.name, shown)])
    start = script(LIBRARIES, [*guard_lines(lease), *start_lines(job, shown)])
    try:
        state = await _asked(this, host, job, start)
        while state.running:
            if seen is not None:
                await seen(state)
            state = await _asked(this, host, job, look)
    except HostUnreachableError:
        raise
    except BaseException:
        await asyncio.shield(_dismiss(this, host, job, shown))
        raise
    await _dismiss(this, host, job, shown)
    return state


async def clear(this: Operation, host: str) -> None:
    """End and remove every job on a host that this operation has not started itself, and the server of a drill."""
    lease = this.required_lease()
    lines = [f"{each} || exit" for each in (call("job_clear", lease.token), "drill_clear")]
    output = await this.run(host, script((*LIBRARIES, "drill"), [*guard_lines(lease), *lines]))
    if output.status:
        raise CutoverError(
            Finding(
                "CUT-710", "work that an earlier run has left could not be ended", host, output.stderr.strip()[-500:]
            )
        )


async def _asked(this: Operation, host: str, job: Job, text: str) -> JobState:
    """Run a script that prints how a job stands, for PATIENCE seconds also when the host is out of reach."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            output = await this.run(host, text)
            break
        except HostUnreachableError:
            if time.monotonic() >= until:
                raise
            log.warning("%s: out of reach; %s goes on there", host, job.name)
            await asyncio.sleep(2)
    state = parse(output.stdout)
    if state is None:
        raise _gone(host, job, without(output.stderr, this.tenant.secrets))
    return replace(state, log=without(state.log, this.tenant.secrets))


def _gone(host: str, job: Job, said: str) -> CutoverError:
    return CutoverError(
        Finding(
            "CUT-710",
            f"the work {job.name} is gone",
            host,
            said.strip()[-500:] or "it was ended from outside: the host was restarted, or another operation has begun",
            "look at the host and at the tenant's other runs, then run the same command again",
        )
    )


async def _dismiss(this: Operation, host: str, job: Job, shown: str) -> None:
    """End a job if it still runs, and remove its folder; what cannot be removed is left to the next operation."""
    try:
        await this.run(host, script(("job",), [call("job_dismiss", job.name, shown)]), patience=20)
    except CutoverError as error:
        log.warning("%s: %s stays until the next operation clears it: %s", host, job.name, error)
