"""What a host was found to be, as far as a plan needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OperatingSystem:
    """`id` and `version` are those of /etc/os-release; `family` is `debian`, `redhat` or empty when unknown."""

    id: str
    version: str
    family: str


@dataclass(frozen=True, slots=True)
class FileState:
    """Digest (SHA-256, hex), permission bits and owners of a file that exists."""

    digest: str
    mode: int
    owner: str
    group: str


@dataclass(frozen=True, slots=True)
class UnitState:
    """What systemd says of a unit. `started` is its ActiveEnterTimestamp in microseconds since boot, 0 if never."""

    active: str
    enabled: bool
    started: int


@dataclass(frozen=True, slots=True)
class ContainerState:
    """A container as podman lists it; `inputs` is the digest it was started with, empty when not ours."""

    image: str
    inputs: str
    running: bool


@dataclass(frozen=True, slots=True)
class Record:
    """
    What Cutover wrote down on the host after its last success: images by name and tag, one-time steps done, and the
    digest of every file that is Cutover's alone.
    """

    digests: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    release: str = ""
    run: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class ObservedHost:
    """
    One host, read in one round trip. Sizes in bytes, `clock_offset` in seconds (host minus controller).

    `controller` is the address that this connection comes from, as the host sees it. `started` holds, for units
    without a container, the digest of the inputs they were last started with.
    """

    host: str
    os: OperatingSystem
    controller: str
    addresses: frozenset[str]
    memory: int
    disk_free: int
    clock_offset: float
    timezone: str
    users: frozenset[str]
    packages: frozenset[str]
    listening: frozenset[tuple[str, int]]
    files: Mapping[str, FileState]
    directories: Mapping[str, FileState]
    units: Mapping[str, UnitState]
    containers: Mapping[str, ContainerState]
    images: frozenset[str]
    volumes: frozenset[str]
    started: Mapping[str, str]
    record: Record

    def active(self, unit: str) -> bool:
        """Return whether a systemd unit (named without suffix) is active."""
        return unit in self.units and self.units[unit].active == "active"

    def runs(self, container: str) -> bool:
        """Return whether a container runs."""
        return container in self.containers and self.containers[container].running
