"""Server and worker of one operator, brought up and taken down."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cutover.cli.server import automations, connection, pool, process, settings, state
from cutover.cli.server.home import root
from cutover.cli.server.registration import register
from cutover.cli.server.state import Started
from cutover.errors import CutoverError, Finding

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

PATIENCE = 180.0
"""Seconds for a server or worker to come up: seven with a new database, a minute on a machine under heavy load."""

WORKER_ENDS = 10.0
"""Seconds for a worker to end, when none of its runs is waited for; on a busy machine it hangs now and then."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Controller:
    """What runs after `up`: addresses of API and UI, pids, and which of both had to be started."""

    api: str
    ui: str
    server_pid: int
    worker_pid: int
    started: tuple[str, ...]


def up(home: Path, port: int | None, tenants: Path, say: Say) -> Controller:
    """
    Bring up what is missing of server and worker, and register all flows with the tenants of the folder.

    Raises CutoverError: another server is configured, another folder or port is in use, a port is busy, a
    program does not come up (with the end of its log), or registration fails.
    """
    _refuse_configured()
    running = [name for name in ("server", "worker") if state.load(home, name)]
    server = _server(home, port, say)
    environment = settings.runs(home, settings.api(server.port), tenants)
    connection.prepare(environment)
    await_server(home, server, "server")
    worker = asyncio.run(_worker(home, server, tenants, environment, say))
    started = tuple(name for name in ("server", "worker") if name not in running)
    ui = connection.page(settings.api(server.port))
    return Controller(settings.api(server.port), ui, server.process.pid, worker.process.pid, started)


def _refuse_configured() -> None:
    configured = settings.configured()
    if configured:
        what = "another Prefect server is configured, which `up` would not be used by"
        todo = "unset PREFECT_API_URL, or register the flows there with `cutover up --register`"
        raise CutoverError(Finding("CUT-605", what, "PREFECT_API_URL", why=configured, todo=todo))


def _server(home: Path, port: int | None, say: Say) -> Started:
    """Return the server that runs, or one that was started just now and may not answer yet."""
    server = state.load(home, "server")
    if server and port not in (None, server.port):
        what = f"the server runs on port {server.port}"
        todo = "cutover down, then up with the new port"
        raise CutoverError(Finding("CUT-606", what, f"--port {port}", todo=todo))
    if server is None:
        say("starting the Prefect server")
        server = launch_server(home, port or settings.DEFAULT_PORT, "server")
        state.save(home, "server", server)
    return server


def launch_server(
    home: Path, port: int, name: str, extra: Mapping[str, str] | None = None, tied: bool = False
) -> Started:
    """
    Start a server, with `extra` settings, without waiting for it; `tied` to this process it ends with it.

    Raises CutoverError (CUT-611) when the port is busy.
    """
    refuse_busy(port)
    environment = settings.server(home, port) | dict(extra or {})
    command = [sys.executable, "-m", "cutover.cli.server.serve"]
    return Started(process.start(command, environment, home / f"logs/{name}.log", root(), tied), port)


def await_server(home: Path, server: Started, name: str) -> None:
    """Return when a server answers. Raises CutoverError (CUT-612) with the end of its log when it does not."""
    log = home / f"logs/{name}.log"
    wait_until(lambda: connection.healthy(settings.api(server.port)), server, log, "the Prefect server")


def refuse_busy(port: int) -> None:
    """Raise CutoverError (CUT-611) when something listens on `port` already."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.HOST, port))
        except OSError as cause:
            where = f"{settings.HOST}:{port}"
            todo = "choose another one with --port, or end what uses it (ss -ltnp)"
            raise CutoverError(
                Finding("CUT-611", "the port cannot be used", where, str(cause.strerror), todo)
            ) from None


def wait_until(ready: Callable[[], bool], started: Started, log: Path, who: str) -> None:
    """Wait for `ready`. Raises CutoverError (CUT-612) when the process ends or takes longer than PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        ended = not process.alive(started.process)
        if ended or time.monotonic() > deadline:
            what = f"{who} {'ended while starting' if ended else 'did not come up'}"
            raise CutoverError(Finding("CUT-612", what, str(log), why=process.last_lines(log)))
        time.sleep(0.1)


async def _worker(home: Path, server: Started, tenants: Path, environment: dict[str, str], say: Say) -> Started:
    """Make the pool, start the worker unless it runs, and register the flows meanwhile."""
    async with connection.client(environment) as client:
        await pool.ensure(client)
        await automations.ensure(client)
        worker = state.load(home, "worker") or _start_worker(home, server, tenants, environment, say)
        if worker.tenants != str(tenants):
            what = f"the worker runs with the tenants of {worker.tenants}"
            raise CutoverError(Finding("CUT-606", what, str(tenants), todo="cutover down, then up with the new folder"))
        say("registering the flows")
        await asyncio.to_thread(register, environment, home / "logs/register.log")
        await _online(client, worker, home / "logs/worker.log")
    return worker


def _start_worker(home: Path, server: Started, tenants: Path, environment: dict[str, str], say: Say) -> Started:
    say("starting the worker")
    command = [sys.executable, "-m", "prefect", "worker", "start", "--type", "process"]
    command += ["--pool", settings.POOL, "--name", pool.WORKER, "--install-policy", "never"]
    worker = process.start(command, environment, home / "logs/worker.log", root())
    started = Started(worker, server.port, str(tenants))
    state.save(home, "worker", started)
    return started


async def _online(client: PrefectClient, worker: Started, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await pool.online(client):
        ended = not process.alive(worker.process)
        if ended or time.monotonic() > deadline:
            what = f"the worker {'ended while starting' if ended else 'did not come up'}"
            raise CutoverError(Finding("CUT-612", what, str(log), why=process.last_lines(log)))
        await asyncio.sleep(0.2)


def down(home: Path, now: bool, say: Say) -> tuple[str, ...]:
    """
    Stop worker and server; runs under way end first, or are killed and marked as crashed with `now`.

    Returns what was stopped, which is nothing when nothing ran.
    """
    worker, server = state.load(home, "worker"), state.load(home, "server")
    if server:
        tenants = Path(worker.tenants) if worker else root() / "tenants"
        environment = settings.runs(home, settings.api(server.port), tenants)
        asyncio.run(_quieten(environment, worker, now, say))
    for started in filter(None, (worker, server)):
        process.end(started.process, 30)
    stopped = tuple(name for name, started in (("worker", worker), ("server", server)) if started)
    for name in stopped:
        state.forget(home, name)
    return stopped


async def _quieten(environment: dict[str, str], worker: Started | None, now: bool, say: Say) -> None:
    async with connection.client(environment) as client:
        if not now and await pool.runs_here(client):
            say("waiting for the runs under way to end (--now kills them)")
        await pool.pause(client)
        if not now:
            await pool.drained(client)
        if worker:
            await asyncio.to_thread(process.end, worker.process, WORKER_ENDS)
        if now:
            for name in await pool.mark_crashed(client):
                say(f"killed: {name}")


def register_elsewhere(home: Path, tenants: Path) -> str:
    """Make the pool and register all flows at the server of PREFECT_API_URL, and return its address."""
    url = settings.configured()
    if not url:
        what, todo = "no server is configured", "set PREFECT_API_URL"
        raise CutoverError(Finding("CUT-605", what, "--register", todo=todo))
    connection.demand(url)
    environment = settings.runs(home, url, tenants)

    async def ensure() -> None:
        async with connection.client(environment) as client:
            await pool.ensure(client)
            await automations.ensure(client)

    asyncio.run(ensure())
    register(environment, home / "logs/register.log")
    return url


def drain(home: Path) -> None:
    """Pause the pool and return when this host's runs have ended; the worker can be stopped then."""
    url = connection.found(home)
    connection.demand(url)

    async def quieten() -> None:
        async with connection.client(settings.runs(home, url, root() / "tenants")) as client:
            await pool.pause(client)
            await pool.drained(client)

    asyncio.run(quieten())
