"""What a tenant is once its inventory has been read and found right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Literal

from cutover.errors import Finding
from cutover.inventory.variables import Variables
from cutover.secret import Secret


class Layout(StrEnum):
    """How a tenant is spread over hosts."""

    AIO = "aio"
    AIT = "ait"
    HA = "ha"


class Role(StrEnum):
    """What a host is for. Every host has exactly one role."""

    AIO = "aio"
    DATA = "data"
    VOICE = "voice"
    APP = "app"
    HAPROXY = "haproxy"
    SQL = "sql"
    WITNESS = "witness"


@dataclass(frozen=True, slots=True)
class Host:
    """
    One host of a tenant.

    `address` is where SSH connects to, `lan` what the components bind to and use between hosts, `wan` what is
    told to the outside: `omni_ip_wan` where given, else `address` if that is an IP, else `lan`. `nic` carries
    the virtual IPs in HA and is None elsewhere.
    """

    name: str
    role: Role
    address: str
    port: int
    user: str
    lan: str
    wan: str
    ha_role: Literal["main", "backup"] | None = None
    nic: str | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """Where a tenant's components find each other, seen from one host. None: there is no such component."""

    postgres_host: str
    postgres_out: bool
    redis_host: str
    redis_ip_main: str | None
    minio_host: str | None
    loki_host: str | None
    websockets_host: str
    kamailio_host: str
    asterisk_host: str
    rtpengine_host: str
    nginx_host: str
    prometheus_host: str | None
    dialer_host: str
    data_host: str | None
    voice_host: str
    application_host: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """One platform of one customer. `warnings` are what the inventory says that is accepted but doubtful."""

    name: str
    folder: Path
    layout: Layout
    hosts: tuple[Host, ...]
    variables: Variables
    warnings: tuple[Finding, ...] = field(default=(), compare=False)

    @property
    def release(self) -> str | None:
        """The release that stands for the image tags which are not given one by one."""
        return self.variables.release

    @property
    def known_hosts(self) -> Path:
        """The file with the pinned keys of this tenant's hosts."""
        return self.folder / "known_hosts"

    @property
    def postgres_external(self) -> bool:
        """PostgreSQL is an outside service. In HA it is not: there it runs on the sql hosts."""
        return self.layout is not Layout.HA and self.variables.postgres_host is not None

    @property
    def bucket_external(self) -> bool:
        """The bucket is an outside service, so no MinIO is run."""
        return self.variables.bucket_url is not None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret of the tenant."""
        return tuple(value for _, value in self.variables if isinstance(value, Secret))

    def host(self, name: str) -> Host:
        """Return the host of that name; raises KeyError."""
        for host in self.hosts:
            if host.name == name:
                return host
        raise KeyError(name)

    def hosts_of(self, *roles: Role) -> tuple[Host, ...]:
        """Return the hosts that have one of these roles, in the order of the inventory."""
        return tuple(host for host in self.hosts if host.role in roles)

    @property
    def third_vote(self) -> Host | None:
        """
        The host that decides with the two of the PostgreSQL pair who may write; None outside HA.

        It is the witness where there is one, outside both hypervisors. Else it is `haproxy_1`: then losing the
        hypervisor of `sql_2` stops writing until an operator acts.
        """
        if self.layout is not Layout.HA:
            return None
        return next(iter(self.hosts_of(Role.WITNESS)), None) or self.host("haproxy_1")

    def with_warnings(self, more: Iterable[Finding]) -> Tenant:
        """Return the tenant with more warnings."""
        return replace(self, warnings=(*self.warnings, *more))

    def derived(self, host: Host) -> Derived:
        """Return where the components are, as this host has to address them."""
        return derive(self.layout, self.hosts, self.variables, host)


def derive(layout: Layout, hosts: Iterable[Host], variables: Variables, host: Host) -> Derived:
    """Return the addresses an inventory implies, or the ones it sets explicitly."""
    lan = {each.role: each.lan for each in reversed(tuple(hosts))}
    aio, ha = layout is Layout.AIO, layout is Layout.HA
    alone = lan.get(Role.AIO)
    data = variables.data_host or alone or lan.get(Role.DATA)
    voice = variables.voice_host or alone or lan[Role.VOICE]
    application = variables.application_host or alone or lan[Role.APP]
    near_data = "localhost" if aio else application if ha else data or application
    own_kamailio = "localhost" if aio else host.lan if ha else lan.get(Role.APP, host.lan)
    return Derived(
        postgres_host=variables.postgres_host or near_data,
        postgres_out=ha or variables.postgres_host is not None,
        redis_host=variables.redis_host or near_data,
        redis_ip_main=lan[Role.APP] if ha else None,
        minio_host=None if variables.bucket_url else variables.minio_host or data,
        loki_host=variables.loki_host or (None if aio else data),
        websockets_host=variables.websockets_host or (host.lan if ha else alone or lan[Role.APP]),
        kamailio_host=variables.kamailio_host or own_kamailio,
        asterisk_host=variables.asterisk_host or voice,
        rtpengine_host=variables.rtpengine_host or voice,
        nginx_host=variables.nginx_host or application,
        prometheus_host=variables.prometheus_host or (None if aio else application),
        dialer_host=variables.dialer_host or "localhost",
        data_host=data,
        voice_host=voice,
        application_host=application,
    )
