"""
Prefect's database as a new server makes it, kept for all labs: its migrations take ten seconds of processor time.

A server that finds it has nothing to migrate. What tries the first start itself (`cli/test_controller.py`, `make demo`)
does without.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

from tests.lab.command import run
from tests.lab.lock import locked
from tests.lab.settings import Settings

LIMIT = 300.0
MADE = f"prefect-{version('prefect')}"


def place(settings: Settings, home: Path) -> None:
    """Put a new database where the server of a controller will look for it, unless it has one."""
    if (home / "prefect.db").exists():
        return
    kept = settings.cache / MADE / "prefect.db"
    with locked(settings.cache / "prefect.lock", "Prefect's new database", LIMIT):
        if not kept.exists():
            _make(kept)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy(kept, home)


def _make(file: Path) -> None:
    for former in file.parents[1].glob("prefect-*"):
        shutil.rmtree(former)
    half = file.parent / "half"
    half.mkdir(parents=True)
    url = f"sqlite+aiosqlite:///{half}/prefect.db"
    own = {"PREFECT_HOME": str(half), "PREFECT_SERVER_DATABASE_CONNECTION_URL": url}
    upgrade = (sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y")
    run(*upgrade, environment=os.environ | own, timeout=LIMIT)
    (half / "prefect.db").rename(file)
    shutil.rmtree(half)
