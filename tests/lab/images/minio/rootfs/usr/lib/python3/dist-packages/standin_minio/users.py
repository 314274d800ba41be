"""Who may use the store: root from the environment, the others in a file of the data directory."""

from __future__ import annotations

import json
import os
from pathlib import Path


class Users:
    """Access keys and secret keys, kept in `directory`/.minio.sys/users.json."""

    def __init__(self, directory: Path, root: str, root_secret: str) -> None:
        self._file = directory / ".minio.sys" / "users.json"
        self._root = root
        self._root_secret = root_secret

    def added(self) -> dict[str, str]:
        """The users added so far, without root."""
        if not self._file.exists():
            return {}
        users: dict[str, str] = json.loads(self._file.read_text())
        return users

    def all(self) -> dict[str, str]:
        """Everybody whose signature is accepted."""
        return {**self.added(), self._root: self._root_secret}

    def is_root(self, user: str, secret: str) -> bool:
        return (user, secret) == (self._root, self._root_secret)

    def add(self, user: str, secret: str) -> bool:
        """Add or change a user; False when nothing changed."""
        users = self.added()
        if users.get(user) == secret:
            return False
        self._file.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({**users, user: secret}, file)
            os.fsync(file.fileno())
        fresh.replace(self._file)
        return True
