"""A whole lab: its network, its servers and its hosts, from nothing to nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.lab import cache, cgroup, chroot, golden, host, identity, leftovers, requirements
from tests.lab.errors import LabError
from tests.lab.host import Host, Shape
from tests.lab.images import build as images
from tests.lab.images.build import ImageStore, Report, quiet
from tests.lab.lock import locked
from tests.lab.network import Network
from tests.lab.packages import Packages
from tests.lab.publishing import publish, share_layers
from tests.lab.registry import Registry
from tests.lab.settings import Settings
from tests.lab.store import Store

BUILD_LIMIT = 1800.0
CLAIM_LIMIT = 5.0
FIRST_ADDRESS = 11
LAST_ADDRESS = 249


class Lab:
    """
    One lab by its settings. Nothing of it lives in this object: another process sees the same lab.

    `report` is told what is being built, line by line.
    """

    def __init__(self, settings: Settings, report: Report = quiet) -> None:
        self.settings = settings
        self.report = report
        self.network = Network(settings)
        self.registry = Registry(settings)
        self.packages = Packages(settings)
        self.store = Store(settings)
        self.images: Path | None = None

    def up(self, *, by_hand: bool = False) -> None:
        """
        Make what the machine lacks, the network, the registry and the package proxy; what is there stays.

        A lab that was brought up by hand is refused by `claim`, so that no test takes it down.
        """
        requirements.ensure()
        self.settings.state.mkdir(parents=True, exist_ok=True)
        if by_hand:
            with self._alone():
                self._by_hand.touch()
        with self._building():
            identity.ensure_key(self.settings)
            self.network.up()
            self.registry.start()
        self.packages.start()

    def provide_images(self) -> None:
        """Build the stand-ins that are missing, put them into the registry, and share their large layers."""
        with self._building("images"):
            built = self._built_images()
            publish(built, self.registry, self.report)
            self.images = share_layers(self.settings, built, self.registry)

    def build(self, layer: str | None) -> None:
        """Build the base and a layer, where missing."""
        requirements.ensure()
        with self._building():
            chroot.ensure(self.settings, layer)

    def forget_stale(self) -> None:
        """Remove from the cache what was built by old recipes and carries no host."""
        with self._building():
            cache.remove_stale(self.settings)

    def build_images(self) -> None:
        """Build the stand-ins, where missing."""
        requirements.ensure()
        with self._building("images"):
            self._built_images()

    @contextmanager
    def claim(self) -> Iterator[None]:
        """
        Have the lab for oneself, on a clean machine; raises LabError if another run or an operator has it.

        What a run that died has left is removed first.
        """
        requirements.ensure()
        with self._alone():
            if self._by_hand.exists():
                raise LabError(
                    f"the lab {self.settings.name} was brought up by hand: `python -m tests.lab down` first, "
                    "or choose another by CUTOVER_LAB_NAME and CUTOVER_LAB_NET"
                )
            self.down()
            yield

    def create(
        self,
        names: Sequence[str],
        layer: str | None = "podman",
        *,
        golden_state: str | None = None,
        addresses: Sequence[str] | None = None,
        disk: str | None = None,
        memory: int | None = None,
    ) -> list[Host]:
        """
        Make hosts with these names, switched off, at `addresses` or at the next free ones in their order.

        `layer` is a name of `layers.LAYERS`, or None for the base without podman; a `golden_state` takes its
        place. For `disk` and `memory` see `Shape`.
        """
        taken = {each.name for each in self.hosts()}.intersection(names)
        if taken:
            raise LabError(f"there are hosts with these names: {', '.join(sorted(taken))}")
        shared = str(self.images) if self.images else None
        lowers = tuple(str(path) for path in self._lowers(layer, golden_state))
        begin = golden.path(self.settings, golden_state) / "containers" if golden_state else None
        shapes = [
            Shape(address, lowers, shared, disk, memory) for address in addresses or self._free_addresses(len(names))
        ]
        return self._make(dict(zip(names, shapes, strict=True)), begin)

    def start(self, hosts: Sequence[Host]) -> None:
        """Switch hosts on and wait until all answer by SSH."""
        for each in hosts:
            each.boot()
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(Host.wait, hosts))

    def remove(self, hosts: Sequence[Host]) -> None:
        """Remove hosts and all they left."""
        for each in hosts:
            each.remove()
        self._write_known_hosts()

    def hosts(self) -> list[Host]:
        """All hosts, by name."""
        return host.load_all(self.settings)

    def host(self, name: str) -> Host:
        """The host of that name; raises LabError if there is none."""
        return Host.load(self.settings, name)

    def down(self) -> None:
        """Remove everything of this lab from the machine; what is built stays in the cache."""
        self.remove(self.hosts())
        self.store.stop()
        self.packages.stop()
        self.registry.stop()
        self.network.down()
        cgroup.remove_all(self.settings)
        shutil.rmtree(self.settings.state, ignore_errors=True)

    def leftovers(self) -> list[str]:
        """What of this lab is still on the machine: namespaces, links, routes, mounts, cgroups, processes."""
        return leftovers.find(self.settings, self.network.link)

    def _built_images(self) -> ImageStore:
        try:
            return images.ensure(self.settings.directory / "images", self.report)
        except RuntimeError as error:
            raise LabError(f"building the stand-in images: {error}") from error

    @property
    def _by_hand(self) -> Path:
        return self.settings.state / "by-hand"

    def _alone(self) -> AbstractContextManager[None]:
        name = self.settings.name
        return locked(self.settings.directory / f"lab-{name}.lock", f"the lab {name}", CLAIM_LIMIT)

    @contextmanager
    def _building(self, what: str = "layers") -> Iterator[None]:
        self.report(f"waiting for another process that builds {what}")
        with locked(self.settings.directory / f"building-{what}.lock", f"building {what}", BUILD_LIMIT):
            self.report("")
            yield

    def _make(self, shapes: Mapping[str, Shape], begin: Path | None) -> list[Host]:
        """All of them or none."""
        try:
            made = [Host.create(self.settings, name, shape, begin) for name, shape in shapes.items()]
        except BaseException:
            self.remove([each for each in self.hosts() if each.name in shapes])
            raise
        self._write_known_hosts()
        return made

    def _lowers(self, layer: str | None, golden_state: str | None) -> tuple[Path, ...]:
        if golden_state:
            return golden.lowers(self.settings, golden_state)
        with self._building():
            return chroot.ensure(self.settings, layer)

    def _free_addresses(self, count: int) -> list[str]:
        used = {each.address for each in self.hosts()}
        numbers = range(FIRST_ADDRESS, LAST_ADDRESS + 1)
        free = [address for number in numbers if (address := f"{self.settings.net}.{number}") not in used]
        if len(free) < count:
            raise LabError(f"only {len(free)} addresses are free in {self.settings.subnet}")
        return free[:count]

    def _write_known_hosts(self) -> None:
        """A host made again has a new key under an old address: the file is written, never learnt."""
        entries = [(each.name, each.address, key) for each in self.hosts() if (key := each.public_key).exists()]
        self.settings.state.mkdir(parents=True, exist_ok=True)
        self.settings.known_hosts.write_text(identity.known_hosts(entries))
