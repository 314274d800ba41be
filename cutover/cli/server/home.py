"""Where the project lies and where its controller keeps its state."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from pathlib import Path

from cutover.errors import CutoverError, Finding


def root() -> Path:
    """Return the project's folder, which holds prefect.yaml: `$CUTOVER_ROOT`, else where this code lies."""
    given = os.environ.get("CUTOVER_ROOT")
    return Path(given).absolute() if given else Path(__file__).resolve().parents[3]


def home() -> Path:
    """
    Return the folder of the controller's state (`$CUTOVER_HOME`, else `.cutover` in the project), made 0700.

    It holds Prefect's database, home, logs, the pids of server and worker, and the key of stored secrets.
    Raises CutoverError (CUT-610) when it cannot be made.
    """
    folder = Path(os.environ.get("CUTOVER_HOME") or root() / ".cutover").absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / "logs").mkdir(exist_ok=True)
        (folder / "prefect").mkdir(exist_ok=True)
    except OSError as cause:
        what = "the controller's folder cannot be used"
        todo = "set CUTOVER_HOME to a folder of your own"
        raise CutoverError(Finding("CUT-610", what, str(folder), why=str(cause.strerror), todo=todo)) from cause
    return folder


def encryption_key(folder: Path) -> str:
    """Return the key of the secrets in Prefect's database, made once, in a file only its owner reads."""
    path = folder / "encryption.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        key = urlsafe_b64encode(os.urandom(32)).decode()
        file.write(key + "\n")
    return key
