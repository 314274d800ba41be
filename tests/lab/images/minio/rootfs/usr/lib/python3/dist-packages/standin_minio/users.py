"""Who may use the store: root from the environment, the others in a file of the data directory."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypedDict


class User(TypedDict):
    """A user's secret key and the names of the policies attached to it."""

    secret: str
    policies: list[str]


class Users:
    """Everybody who may use the store, kept in `directory`/.minio.sys/users.json."""

    def __init__(self, directory: Path, root: str, root_secret: str) -> None:
        self._file = directory / ".minio.sys" / "users.json"
        self._root = root
        self._root_secret = root_secret

    def added(self) -> dict[str, User]:
        """The users added so far, without root."""
        if not self._file.exists():
            return {}
        users: dict[str, User] = json.loads(self._file.read_text())
        return users

    def accepted(self) -> dict[str, str]:
        """The keys whose signature is accepted: root's, and those of users whom a policy lets do something."""
        allowed = {name: user["secret"] for name, user in self.added().items() if user["policies"]}
        return {**allowed, self._root: self._root_secret}

    def is_root(self, user: str, secret: str) -> bool:
        return (user, secret) == (self._root, self._root_secret)

    def add(self, name: str, secret: str) -> None:
        """Add a user, or give it another secret; its policies stay."""
        users = self.added()
        policies = users[name]["policies"] if name in users else []
        self._write({**users, name: {"secret": secret, "policies": policies}})

    def attach(self, name: str, policy: str) -> None:
        """Attach a policy; raises KeyError for an unknown user, ValueError when it is attached already."""
        users = self.added()
        if policy in users[name]["policies"]:
            raise ValueError(policy)
        users[name]["policies"].append(policy)
        self._write(users)

    def _write(self, users: dict[str, User]) -> None:
        self._file.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(users, file)
            os.fsync(file.fileno())
        fresh.replace(self._file)
