"""What the guard of this host is told: one file that the installation writes, for root alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path("/etc/cutover/pair.json")
STATE = Path("/var/lib/cutover/pair")
RUN = Path("/run/cutover-pair")


@dataclass(frozen=True)
class Settings:
    """
    Who this host is and where it finds the others.

    `addresses` has the LAN address of each voter by name; `peer` and `third` are two of them. `write` and `read` are
    the virtual IPs, `prefix` their length, `nic` the interface that carries them. `version` is PostgreSQL's major
    version, `data` its directory.
    """

    node: str
    peer: str
    third: str
    addresses: dict[str, str]
    nic: str
    write: str
    read: str
    prefix: int
    version: str
    data: str
    password: str

    @property
    def unit(self) -> str:
        """The unit of PostgreSQL."""
        return f"postgresql@{self.version}-main.service"


def load() -> Settings:
    """Return the settings of this host."""
    return Settings(**json.loads(FILE.read_text()))
