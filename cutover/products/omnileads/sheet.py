"""What a component's data sheet is made of."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from cutover.inventory import Host, Layout, Role, Tenant
from cutover.plan.desired import File, Image, Service
from cutover.plan.probe import ContainerRuns, HostRuns, Probe
from cutover.products.omnileads.site import Site

POSTGRESQL = frozenset({"postgresql", "postgresql_pair"})
"""What must be healthy before anybody finds PostgreSQL, in any layout."""

REDIS = frozenset({"redis", "haproxy", "keepalived_haproxy"})
"""What must be healthy before anybody finds Redis: in HA it is found behind HAProxy's virtual IP."""

AIT_HOSTS = frozenset({Role.DATA, Role.VOICE, Role.APP})
HA_HOSTS = frozenset({Role.SQL, Role.VOICE, Role.APP, Role.HAPROXY})


def placement(
    *, aio: bool = False, ait: Set[Role] = frozenset(), ha: Set[Role] = frozenset()
) -> Mapping[Layout, Set[Role]]:
    """Return the roles of the hosts that run a component, by layout; a layout without the component is left out."""
    where = {Layout.AIO: {Role.AIO} if aio else set(), Layout.AIT: ait, Layout.HA: ha}
    return MappingProxyType({layout: frozenset(roles) for layout, roles in where.items() if roles})


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a component listens on; `last` closes a range. `why` is for the reader of the reference page."""

    number: int
    why: str
    protocol: str = "tcp"
    last: int | None = None

    def __str__(self) -> str:
        end = f"-{self.last}" if self.last else ""
        return f"{self.number}{end}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class Mount:
    """A podman volume (`source` has no slash) or a path of the host, and where the container sees it."""

    source: str
    target: str
    options: str = ""

    @property
    def named(self) -> bool:
        """Is this a podman volume?"""
        return not self.source.startswith("/")

    def __str__(self) -> str:
        return ":".join(part for part in (self.source, self.target, self.options) if part)


@dataclass(frozen=True, slots=True)
class Repository:
    """
    Where a component's image comes from: a name, and where its tag is said.

    `cell` is a column of the release table, or an entry of its `fixed` part; the tenant variable `variable` wins.
    """

    name: str
    cell: str
    variable: str = ""


def exchange(address: str, port: int, payload: str, expect: str) -> HostRuns:
    """
    Return the probe that sends a line to `address:port` over TCP and waits for `expect`, of that very length.

    Asked on the host: a command inside a container costs a quarter of a second.
    """
    ask = f'exec 3<>"/dev/tcp/$0/$1" && printf "%s\\r\\n" "$2" >&3 && timeout 3 head -c {len(expect)} <&3'
    return HostRuns(("bash", "-c", ask, address, str(port), payload), expect)


class Component:
    """
    One component: its data sheet in the class body, its few abilities as methods.

    `where` says which hosts run it, by layout, `unit` and `container` what it is called on a host. `env` is the file in
    /etc/default it reads, rendered from the template of the same name, `None` for none. `after` are components (and
    one-time steps) that must be healthy first, on whichever hosts they are. `deadline` is what its gate may take
    after a start, in seconds. `main_first`: in a pair the main host starts it before the other does.
    """

    name: ClassVar[str]
    unit: ClassVar[str]
    container: ClassVar[str | None]
    repository: ClassVar[Repository | None] = None
    where: ClassVar[Mapping[Layout, Set[Role]]]
    ports: ClassVar[tuple[Port, ...]] = ()
    mounts: ClassVar[tuple[Mount, ...]] = ()
    env: ClassVar[str | None] = None
    options: ClassVar[tuple[str, ...]] = ()
    after: ClassVar[frozenset[str]] = frozenset()
    deadline: ClassVar[float] = 60.0
    main_first: ClassVar[bool] = False

    def placed(self, tenant: Tenant, host: Host) -> bool:
        """Return whether this host of the tenant runs the component."""
        return host.role in self.where.get(tenant.layout, ()) and self.wanted(tenant)

    def wanted(self, tenant: Tenant) -> bool:
        """Return whether the tenant has the component at all, role and layout aside."""
        return True

    def image(self, tenant: Tenant, image: Image) -> Image:
        """Given the image of the release table or inventory, return what this component makes of it."""
        return image

    def volumes(self, site: Site) -> tuple[Mount, ...]:
        """Return the mounts on one host."""
        return self.mounts

    def listens(self, tenant: Tenant) -> tuple[Port, ...]:
        """Return the ports that the component listens on in a tenant."""
        return self.ports

    def before(self, site: Site) -> tuple[str, ...]:
        """Return the commands that run on the host each time before the container starts."""
        return ()

    def run_options(self, site: Site) -> tuple[str, ...]:
        """Return the component's own options of `podman run`."""
        return self.options

    def starts(self, tenant: Tenant) -> bool:
        """Return whether Cutover starts the component, or others decide on which host of a pair it runs."""
        return True

    def arguments(self, site: Site) -> tuple[str, ...]:
        """Return what is said to the container's entrypoint; never a secret."""
        return ()

    def files(self, site: Site) -> tuple[File, ...]:
        """Return the component's own files on one host, apart from its env file."""
        return ()

    def on_start(self, site: Site) -> tuple[Probe, ...]:
        """Return what must be answered after a start besides, and cannot change while the component runs."""
        return ()

    def own_service(self, site: Site) -> Service | None:
        """Return the service of a component that is no container; None for those that are."""
        return None

    def inside(self, command: tuple[str, ...], expect: str = "") -> ContainerRuns:
        """Return the probe that runs a command inside the component's container."""
        if self.container is None:
            raise TypeError(f"{self.name} has no container")
        return ContainerRuns(self.container, command, expect)

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """Return what must be answered before the component counts as healthy, cheapest first."""
        return ()
