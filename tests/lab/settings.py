"""Where a lab lives: its directory, its name and its network."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.errors import LabError

DIRECTORY = "/var/tmp/cutover-lab"  # noqa: S108 - a cache of gigabytes, kept between runs, owned by root
NAME = "lab"
NET = "10.99.0"


@dataclass(frozen=True, slots=True)
class Settings:
    """
    Everything of a lab hangs on these three, so labs with different names and networks run side by side.

    `directory` may be shared by labs: what is built is cached there by content, what runs is kept by name.
    `net` is the first three numbers of a /24.
    """

    directory: Path = Path(DIRECTORY)
    name: str = NAME
    net: str = NET

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]{0,9}", self.name):
            raise LabError(f"CUTOVER_LAB_NAME={self.name}: a letter, then up to nine letters and digits")
        numbers = self.net.split(".")
        if len(numbers) != 3 or not all(number.isdigit() and int(number) < 256 for number in numbers):
            raise LabError(f"CUTOVER_LAB_NET={self.net}: three numbers are wanted, such as {NET}")
        if not self.directory.is_absolute():
            raise LabError(f"CUTOVER_LAB={self.directory}: an absolute path is wanted")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read CUTOVER_LAB, CUTOVER_LAB_NAME, CUTOVER_LAB_NET; raises LabError for what cannot work."""
        return cls(
            Path(environment.get("CUTOVER_LAB", DIRECTORY)),
            environment.get("CUTOVER_LAB_NAME", NAME),
            environment.get("CUTOVER_LAB_NET", NET),
        )

    @property
    def gateway(self) -> str:
        """The machine's own address in the lab."""
        return f"{self.net}.1"

    @property
    def subnet(self) -> str:
        """The lab's network in CIDR form."""
        return f"{self.net}.0/24"

    @property
    def registry(self) -> str:
        """Address and port of the image registry."""
        return f"{self.gateway}:5000"

    @property
    def state(self) -> Path:
        """What belongs to this lab alone and goes with it: hosts, process numbers, logs, known_hosts."""
        return self.directory / "labs" / self.name

    @property
    def cache(self) -> Path:
        """What is built once for all labs: base, layers, images, golden states, downloaded packages."""
        return self.directory / "cache"

    @property
    def key(self) -> Path:
        """The private SSH key that opens every host; its public half is beside it as `key.pub`."""
        return self.directory / "key"

    @property
    def known_hosts(self) -> Path:
        """The keys of all hosts of this lab, written when a host is made or removed."""
        return self.state / "known_hosts"
