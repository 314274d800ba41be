"""One SSH connection per host and run, with pinned host keys. asyncssh does the work; errors become ours."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncssh

from cutover.errors import CutoverError, Finding, HostUnreachableError
from cutover.inventory import Host, Tenant

CONNECT_TIMEOUT = 10
ASKED_EVERY, SILENT = 3, 9
"""Seconds between two questions to an idle connection, and for which it may leave them unanswered before it is lost."""

LEASE_LOST = 75


@dataclass(frozen=True, slots=True)
class Output:
    """What a script printed and how it ended; `sent` and `received` are wall-clock times around it."""

    stdout: str
    stderr: str
    status: int
    sent: float
    received: float


def _private_keys() -> list[str] | tuple[()]:
    key = os.environ.get("CUTOVER_SSH_KEY")
    return [key] if key else ()


class Connection:
    """An open connection to one host. `round_trips` counts the scripts it has run."""

    def __init__(self, host: Host, ssh: asyncssh.SSHClientConnection) -> None:
        self.host = host
        self.round_trips = 0
        self._ssh = ssh
        # sshd allows ten sessions on one connection (MaxSessions)
        self._sessions = asyncio.Semaphore(8)

    async def run(self, script: str, *, patience: float) -> Output:
        """
        Run a bash script as root and return its output; the script goes over standard input.

        Raises HostUnreachableError when the transport fails or `patience` seconds (more than SILENT) are not enough,
        CutoverError when root cannot be had or the tenant's lease was lost. Any other exit status is returned.
        """
        self.round_trips += 1
        command = "LC_ALL=C exec bash -s"
        if self.host.user != "root":
            command = 'exec sudo -n -- env LC_ALL=C SSH_CONNECTION="$SSH_CONNECTION" bash -s'
        sent = time.time()
        try:
            async with self._sessions, asyncio.timeout(patience):
                done = await self._ssh.run(command, input=script, encoding="utf-8", errors="replace")
        except TimeoutError as error:
            raise _stuck(self.host, patience) from error
        except (asyncssh.Error, OSError) as error:
            raise unreachable(self.host, f"connection lost: {error}") from error
        output = Output(str(done.stdout), str(done.stderr), done.returncode or 0, sent, time.time())
        if done.exit_signal is not None or done.returncode is None:
            raise unreachable(self.host, "the connection closed while a script ran")
        _check_root(self.host, output)
        return output

    @asynccontextmanager
    async def tunnel(self, address: str, port: int) -> AsyncIterator[int]:
        """Give a local port that leads through the host to `address:port`, as the host itself would reach it."""
        try:
            listener = await self._ssh.forward_local_port("127.0.0.1", 0, address, port)
        except (asyncssh.Error, OSError) as error:
            raise unreachable(self.host, f"no tunnel to {address}:{port}: {error}") from error
        async with listener:
            yield listener.get_port()

    async def close(self) -> None:
        """Close the connection without waiting for a host that no longer answers."""
        self._ssh.close()
        try:
            async with asyncio.timeout(2):
                await self._ssh.wait_closed()
        except (TimeoutError, asyncssh.Error, OSError):
            self._ssh.abort()


def unreachable(host: Host, why: str) -> HostUnreachableError:
    """Return the error of a transport that failed."""
    return HostUnreachableError(
        Finding(
            "CUT-201",
            "cannot talk to the host",
            _where(host),
            why,
            "check that it is up and reachable from here, then run the same command again",
        )
    )


def _stuck(host: Host, patience: float) -> HostUnreachableError:
    """Return the error of a host that is slow: of one that is silent the connection is lost before."""
    return HostUnreachableError(
        Finding(
            "CUT-206",
            "the host does not get done what it was asked",
            _where(host),
            f"it answers, but {patience:.0f} s were not enough",
            "see what hangs there (a disk, podman, systemd), then run the same command again",
        )
    )


def _where(host: Host) -> str:
    return f"{host.name} ({host.address}:{host.port})"


def _check_root(host: Host, output: Output) -> None:
    if output.status == 1 and output.stderr.startswith("sudo:"):
        raise CutoverError(
            Finding(
                "CUT-203",
                f"{host.user} cannot become root",
                host.name,
                output.stderr.strip().splitlines()[0],
                f"allow it with NOPASSWD in /etc/sudoers.d, or log in as root (ansible_user) on {host.address}",
            )
        )
    if output.status == LEASE_LOST:
        raise CutoverError(
            Finding(
                "CUT-212",
                "this run no longer holds the tenant's lease",
                host.name,
                "it was not renewed in time and another operation may have taken it, or the host was restarted",
                "look at the tenant's runs, then run the same command again",
            )
        )


async def connect(host: Host, known_hosts: Path) -> Connection:
    """
    Open the connection to a host whose key stands in `known_hosts`.

    Raises CutoverError for a missing or changed key and refused credentials, HostUnreachableError otherwise.
    """
    where = _where(host)
    trust = f"look at the key with `cutover trust {known_hosts.parent.name}` and record it if it is the host's own"
    if not known_hosts.is_file():  # noqa: ASYNC240  one look at a local file
        raise CutoverError(Finding("CUT-204", "no host key is pinned", where, f"{known_hosts} does not exist", trust))
    try:
        ssh = await asyncssh.connect(
            host.address,
            host.port,
            username=host.user,
            known_hosts=str(known_hosts),
            client_keys=_private_keys(),
            connect_timeout=CONNECT_TIMEOUT,
            login_timeout=2 * CONNECT_TIMEOUT,
            keepalive_interval=ASKED_EVERY,
            keepalive_count_max=SILENT // ASKED_EVERY,
        )
    except asyncssh.HostKeyNotVerifiable as error:
        raise CutoverError(
            Finding("CUT-205", "the host key is not the pinned one", where, str(error), trust)
        ) from error
    except asyncssh.PermissionDenied as error:
        todo = f"put your public key into {host.user}'s authorized_keys there, or name your key in CUTOVER_SSH_KEY"
        raise CutoverError(Finding("CUT-202", "login refused", where, str(error), todo)) from error
    except (asyncssh.Error, OSError, TimeoutError) as error:
        raise unreachable(host, str(error) or f"no connection within {CONNECT_TIMEOUT} s") from error
    return Connection(host, ssh)


class Connections:
    """A tenant's connections: opened on first use, one per host, closed together. An async context manager."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._open: dict[str, Connection] = {}
        self._opening: dict[str, asyncio.Task[Connection]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for attempt in self._opening.values():
            attempt.cancel()
        await asyncio.gather(*(connection.close() for connection in self._open.values()))

    async def to(self, name: str) -> Connection:
        """Return the connection to a host, opening it if there is none; all who wait for it share one attempt."""
        if name in self._open:
            return self._open[name]
        if name not in self._opening:
            self._opening[name] = asyncio.create_task(self._connect(name))
        return await asyncio.shield(self._opening[name])

    async def _connect(self, name: str) -> Connection:
        try:
            self._open[name] = await connect(self._tenant.host(name), self._tenant.known_hosts)
        finally:
            del self._opening[name]
        return self._open[name]

    async def drop(self, failed: Connection) -> None:
        """Forget a connection that failed, so that the next use opens a new one; one opened since then is kept."""
        if self._open.get(failed.host.name) is failed:
            del self._open[failed.host.name]
        await failed.close()

    @property
    def round_trips(self) -> dict[str, int]:
        """Scripts run so far, by host."""
        return {name: connection.round_trips for name, connection in self._open.items()}
