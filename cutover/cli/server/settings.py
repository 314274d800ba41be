"""The environment of server, worker and runs: the files of `deployments/`, completed for one controller."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cutover.cli.server.home import encryption_key, root

POOL = "cutover"
"""The work pool, as prefect.yaml names it."""

HOST = "127.0.0.1"
DEFAULT_PORT = 4200


def read(path: Path) -> dict[str, str]:
    """Given a file of KEY=VALUE lines, return them; empty lines and lines starting with # are left out."""
    lines = (line.strip() for line in path.read_text().splitlines())
    parts = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key: value for key, _, value in parts}


def api(port: int) -> str:
    """Return the address of the API of a server of our own."""
    return f"http://{HOST}:{port}/api"


def server(home: Path, port: int) -> dict[str, str]:
    """Return the environment of a server on `port`: the shell wins over deployments/server.env."""
    usual = {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home}/prefect.db",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": f"http://{HOST}:{port},http://localhost:{port}",
        "PREFECT_SERVER_ENCRYPTION_KEY": encryption_key(home),
    }
    fixed = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_UI_API_URL": api(port),
        "PREFECT_UI_URL": f"http://{HOST}:{port}",
    }
    return read(root() / "deployments/server.env") | usual | _shell("PREFECT_API_URL") | fixed


def runs(home: Path, url: str, tenants: Path) -> dict[str, str]:
    """Return the environment of a worker, and of a run in place, that reports to the server at `url`."""
    fixed = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": url,
        "CUTOVER_ROOT": str(root()),
        "CUTOVER_HOME": str(home),
        "CUTOVER_TENANTS": str(tenants),
    }
    return read(root() / "deployments/worker.env") | _authorities(url) | _shell("PREFECT_API_KEY") | fixed


def _authorities(url: str) -> dict[str, str]:
    """
    Return which certificate authorities the server at `url` is checked by: without TLS by one that stands for none.

    Prefect makes dozens of clients a run, and each loads all authorities there are, 40 ms of processor time, even
    where it uses none.
    """
    nobody = {"PREFECT_API_SSL_CERT_FILE": str(root() / "deployments/without-tls.pem")}
    return nobody if url.startswith("http://") else {}


def configured() -> str:
    """Return the address of the server the operator configured, or an empty text."""
    return os.environ.get("PREFECT_API_URL", "").rstrip("/")


def _shell(*without: str) -> dict[str, str]:
    """Return the shell's environment; programs of this Python environment come first in PATH."""
    kept = {key: value for key, value in os.environ.items() if key not in without}
    here = str(Path(sys.executable).parent)
    kept["PATH"] = os.pathsep.join([here, *(kept.get("PATH", os.defpath).split(os.pathsep))])
    return kept
