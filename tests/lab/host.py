"""One host of the lab: make it, boot it, fail it, look into it."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import CompletedProcess

from tests.lab import cgroup, identity, ssh
from tests.lab.command import run
from tests.lab.disk import Disk
from tests.lab.errors import LabError
from tests.lab.network import Network
from tests.lab.nspawn import Container
from tests.lab.settings import Settings
from tests.lab.waiting import wait_for

BOOT_LIMIT = 180.0


@dataclass(frozen=True, slots=True)
class Shape:
    """
    What a host was made from, kept beside it.

    `lowers` are its read-only directories, bottom first; `images` is a store of image layers shared by hosts;
    `disk` is the size of an own file system; `memory` a limit in bytes.
    """

    address: str
    lowers: tuple[str, ...]
    images: str | None = None
    disk: str | None = None
    memory: int | None = None


class Host:
    """A host of a lab, on or off. Every wait in here has a limit and raises LabError beyond it."""

    def __init__(self, settings: Settings, name: str, shape: Shape) -> None:
        self.settings = settings
        self.name = name
        self.shape = shape
        self.address = shape.address
        self.directory = directory_of(settings, name)
        self.disk = Disk(self.directory, shape.disk)
        self.network = Network(settings)
        self.namespace = f"{settings.name}-{name}"

    def __repr__(self) -> str:
        return f"Host({self.name} {self.address})"

    @classmethod
    def load(cls, settings: Settings, name: str) -> Host:
        """The host of that name, made earlier; raises LabError if there is none."""
        try:
            kept = json.loads((directory_of(settings, name) / "shape.json").read_text())
        except FileNotFoundError:
            raise LabError(f"no host {name} in the lab {settings.name}") from None
        return cls(settings, name, Shape(**{**kept, "lowers": tuple(kept["lowers"])}))

    @classmethod
    def create(cls, settings: Settings, name: str, shape: Shape, containers: Path | None = None) -> Host:
        """Make a host, switched off; `containers` is a /var/lib/containers to begin with."""
        host = cls(settings, name, shape)
        host.directory.mkdir(parents=True)
        # First, so that a host whose making is broken off can be found and removed.
        (host.directory / "shape.json").write_text(json.dumps(asdict(shape)))
        host.disk.create()
        if containers:
            run("cp", "-a", "--reflink=auto", f"{containers}/.", host.disk.containers, timeout=BOOT_LIMIT)
        identity.write(settings, host.disk.up, name, shape.address)
        if shape.images:
            identity.share_images(host.disk.up)
        shutil.copy(host.disk.up / f"{identity.HOST_KEY}.pub", host.public_key)
        return host

    @property
    def container(self) -> Container:
        """The host's process tree."""
        shared = {Path(self.shape.images): identity.SHARED_IMAGES} if self.shape.images else {}
        return Container(
            name=self.name,
            directory=self.directory,
            root=self.disk.top / "root",
            namespace=self.namespace,
            binds={self.disk.containers: "/var/lib/containers"},
            readonly_binds=shared,
        )

    @property
    def running(self) -> bool:
        """True while the host has power."""
        return self.container.pid is not None

    @property
    def console(self) -> Path:
        """The log of the host's console."""
        return self.directory / "console.log"

    @property
    def public_key(self) -> Path:
        """The public half of the key by which the host proves to be itself."""
        return self.directory / "host_key.pub"

    def boot(self) -> None:
        """Switch on; does nothing when it is on. Returns before the host answers."""
        if self.running:
            return
        self.disk.mount([Path(lower) for lower in self.shape.lowers])
        self.network.plug(self.address, self.namespace)
        self.container.start(cgroup.ensure(self.settings, self.name, self.shape.memory))

    def wait(self, limit: float = BOOT_LIMIT) -> None:
        """Wait until SSH answers."""
        wait_for(f"{self.name}: an answer by SSH (console: {self.console})", self.answers, limit)

    def answers(self) -> bool:
        """True if a login by SSH works now."""
        return run(*self.ssh_argv("true"), check=False, timeout=30).returncode == 0

    def start(self, limit: float = BOOT_LIMIT) -> None:
        """Switch on and wait until SSH answers."""
        self.boot()
        self.wait(limit)

    def stop(self, limit: float = BOOT_LIMIT) -> None:
        """Power off in good order."""
        self.container.power_off(limit)
        self._off()

    def kill(self) -> None:
        """
        Cut the power.

        The network goes first, so no dying process says good-bye to its peers; the namespace goes last, since
        even without processes it would answer pings and refuse connections.
        """
        self.network.cut(self.address)
        self.disk.lose_unsynced()
        self.container.power_cut()
        self._off()

    def cut(self, other: Host | None = None) -> None:
        """Cut the host from the network, or only from one other host."""
        self.network.cut(self.address, other.address if other else None)

    def heal(self) -> None:
        """Undo every cut of this host."""
        self.network.heal(self.address)

    def run(
        self,
        command: str,
        *,
        user: str = "root",
        check: bool = True,
        timeout: float = 120,
        stdin: str | None = None,
    ) -> CompletedProcess[str]:
        """Run a shell command on the host by SSH; raises LabError if it fails, unless `check` is False."""
        return run(*self.ssh_argv(command, user=user), check=check, timeout=timeout, stdin=stdin)

    def output(self, command: str, timeout: float = 120) -> str:
        """Run a shell command as root and return what it wrote, without blanks around it."""
        return self.run(command, timeout=timeout).stdout.strip()

    def ssh_argv(self, *command: str, user: str = "root") -> list[str]:
        """The ssh command line into this host."""
        return ssh.argv(self.settings, self.address, user, *command)

    def remove(self) -> None:
        """Remove the host and all it left on the machine, on or off."""
        if self.running:
            self.kill()
        self._off()
        cgroup.remove(self.settings, self.name)
        shutil.rmtree(self.directory)

    def memory_used(self) -> int | None:
        """Bytes of memory of its processes; None where the machine does not count them."""
        return cgroup.memory_used(self.settings, self.name)

    def _off(self) -> None:
        self.network.unplug(self.address, self.namespace)
        with contextlib.suppress(FileNotFoundError):
            (self.directory / "pid").unlink()
        # Not mounted while off: its files may then be changed from outside.
        self.disk.unmount()


def directory_of(settings: Settings, name: str) -> Path:
    """Where a host is kept."""
    return settings.state / "hosts" / name


def load_all(settings: Settings) -> list[Host]:
    """All hosts of the lab, by name."""
    shapes: Sequence[Path] = sorted((settings.state / "hosts").glob("*/shape.json"))
    return [Host.load(settings, shape.parent.name) for shape in shapes]
