"""What `up` remembers of the server and worker it started, so that any later command finds them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cutover.cli.server.process import Process, alive


@dataclass(frozen=True, slots=True)
class Started:
    """A server or worker: process, port of the server, and the tenants it was started with."""

    process: Process
    port: int
    tenants: str = ""


def save(home: Path, name: str, started: Started) -> None:
    """Remember `started` under `name` ("server" or "worker")."""
    beside = home / f".{name}.json"
    beside.write_text(json.dumps(asdict(started)))
    beside.replace(home / f"{name}.json")


def load(home: Path, name: str) -> Started | None:
    """Return what was remembered under `name` while that very process still runs, else None."""
    try:
        data = json.loads((home / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None
    started = Started(Process(**data["process"]), data["port"], data["tenants"])
    return started if alive(started.process) else None


def forget(home: Path, name: str) -> None:
    """Remember `name` no longer."""
    (home / f"{name}.json").unlink(missing_ok=True)
