"""PostgreSQL on this host, by its files and its unit: what it is, starting, stopping, and marks that forbid a start."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from .decision import PRIMARY, STANDBY, STOPPED
from .settings import RUN, STATE, Settings

FENCED = STATE / "fenced.json"
CLEARED = RUN / "cleared"


def pid(data: Path) -> int:
    """Return the server's process, 0 when there is none."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        found = int((data / "postmaster.pid").read_text().splitlines()[0])
        if Path(f"/proc/{found}/comm").read_text().startswith("postgres"):
            return found
    return 0


def follower(data: Path) -> bool:
    """Return whether the data are a standby's; PostgreSQL removes the sign before it takes the first write."""
    return (data / "standby.signal").exists()


def role(data: Path) -> str:
    """Return what the server is, told by its files, so that no session is needed and none can be too late."""
    if not pid(data):
        return STOPPED
    return STANDBY if follower(data) else PRIMARY


def ended(settings: Settings) -> int:
    """Return where the log of a primary that was stopped in good order ends (bytes), 0 when it was not."""
    command = [f"/usr/lib/postgresql/{settings.version}/bin/pg_controldata", settings.data]
    said = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=5, env={"LC_ALL": "C", "LANGUAGE": "C"}
    )
    facts = dict(line.split(":", 1) for line in said.stdout.splitlines() if ":" in line)
    if facts.get("Database cluster state", "").strip() != "shut down":
        return 0
    high, low = facts["Latest checkpoint location"].strip().split("/")
    return (int(high, 16) << 32) + int(low, 16)


def start(settings: Settings) -> None:
    """Let PostgreSQL start and start it, without waiting for it."""
    CLEARED.touch()
    _systemctl("reset-failed", settings.unit)
    _systemctl("start", "--no-block", settings.unit)


def stop_now(settings: Settings) -> None:
    """Stop PostgreSQL without a word to its clients, and forbid that it starts by itself."""
    CLEARED.unlink(missing_ok=True)
    if found := pid(Path(settings.data)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(found, signal.SIGQUIT)
    _systemctl("stop", "--no-block", settings.unit)


def may_start(settings: Settings) -> str:
    """Return why PostgreSQL must not start now, empty when it may; asked by its unit."""
    if reason := fenced():
        return f"this host is fenced ({reason})"
    if follower(Path(settings.data)) or CLEARED.exists():
        return ""
    return "these data were a primary's; cutover-pair starts them when nobody has taken their place"


def fenced() -> str:
    """Return why this host was fenced, empty when it is not."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        return str(json.loads(FENCED.read_text())["reason"])
    return ""


def fence(reason: str) -> None:
    """Mark this host, lastingly."""
    STATE.mkdir(parents=True, exist_ok=True)
    new = FENCED.with_suffix(".new")
    with new.open("w") as file:
        json.dump({"reason": reason, "at": int(time.time())}, file)
        file.flush()
        os.fsync(file.fileno())
    new.rename(FENCED)


def unfence() -> None:
    """Remove the mark."""
    FENCED.unlink(missing_ok=True)


def _systemctl(*words: str) -> None:
    subprocess.run(["/usr/bin/systemctl", *words], check=False, capture_output=True, timeout=20)
