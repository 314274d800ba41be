"""What a tenant's hosts should be: packages, files, images, units and their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from cutover.plan.probe import Gate

NO_GATE = Gate(())
"""The gate of a service that has nothing to be asked."""

INPUTS = "@INPUTS@"
"""Placeholder in a unit file; the plan replaces it by the digest of everything the unit runs with."""


@dataclass(frozen=True, slots=True)
class File:
    """
    A file on a host.

    `once` names a group of files that are written together, and only while one of them is missing: what an
    operator or a first run put there is kept. Content that holds a secret is never shown in a diff.
    """

    path: str
    content: bytes = field(repr=False)
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"
    secret: bool = False
    once: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hex."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory on a host; parents are made as needed."""

    path: str
    mode: int = 0o755
    owner: str = "root"
    group: str = "root"


@dataclass(frozen=True, slots=True, order=True)
class Image:
    """An image by name and tag, e.g. `docker.io/omnileads/nginx` and `230215.01`."""

    name: str
    tag: str

    def __str__(self) -> str:
        return f"{self.name}:{self.tag}"


@dataclass(frozen=True, slots=True)
class Service:
    """
    One component on one host: a systemd unit and what it runs with.

    `component` is the name operators use ("nginx"), `unit` the systemd unit without suffix, `container` the
    container's name or None for a plain unit. `inputs` are the paths of files whose change asks for a restart;
    the unit file itself is always one of them. `after` names components that must be healthy first, on whichever
    hosts they run. `started` is False where others decide on which host of a pair it runs: Cutover restarts it where
    it runs and starts it nowhere. `main_first`: of a pair, the main host starts it before the other does. `reloads`:
    a running one takes changed files by a reload.
    """

    component: str
    unit: str
    container: str | None
    image: Image | None
    unit_file: File
    inputs: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    after: frozenset[str] = frozenset()
    gate: Gate = NO_GATE
    started: bool = True
    main_first: bool = False
    reloads: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """One row of the firewall: who may reach which port. `sources` empty means everybody."""

    protocol: str
    ports: str
    sources: frozenset[str] = frozenset()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """This host must be able to reach `address:port` (TCP); checked before anything is touched."""

    address: str
    port: int
    why: str


@dataclass(frozen=True, slots=True)
class HostState:
    """
    What one host should be.

    `packages` are names of the host's family, `user` the account that owns the application's files, `binds` the
    (protocol, port) pairs that must be free or already ours, `ssh_from` the networks that will be let in to SSH.
    """

    host: str
    packages: tuple[str, ...]
    timezone: str
    user: str
    directories: tuple[Directory, ...]
    files: tuple[File, ...]
    services: tuple[Service, ...]
    binds: Mapping[tuple[str, int], str]
    ssh_from: tuple[str, ...]
    reaches: tuple[Reach, ...]
    minimum_disk: int
    minimum_memory: int


@dataclass(frozen=True, slots=True)
class OneTime:
    """
    A step of a tenant's first installation, such as creating its databases; it may be repeated without harm.

    `host` is where it is done, `after` the components that must be healthy first; components that need it name it
    in their own `after`. It is done again when `inputs` differs from what the record says.
    """

    name: str
    host: str
    after: frozenset[str]
    inputs: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two hosts that stand in for each other, and the virtual IPs that they hold; who holds the first is active."""

    main: str
    backup: str
    addresses: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, str]:
        """Both hosts."""
        return (self.main, self.backup)


@dataclass(frozen=True, slots=True)
class DesiredState:
    """What a whole tenant should be; `digests` pins each image to what its tag meant when it was resolved."""

    tenant: str
    hosts: Mapping[str, HostState]
    digests: Mapping[Image, str]
    one_time: tuple[OneTime, ...] = ()
    pairs: tuple[Pair, ...] = ()
