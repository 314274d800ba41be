"""One host of one tenant, as the components on it see the world."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from cutover.errors import CutoverError, Finding
from cutover.inventory import Derived, Host, Layout, Role, Tenant, Variables
from cutover.plan.observed import OperatingSystem
from cutover.secret import Secret

CERTIFICATES = "/etc/omnileads/certs"
CERTIFICATE = f"{CERTIFICATES}/cert.pem"
KEY = f"{CERTIFICATES}/key.pem"
CUSTOM = "/etc/asterisk/custom"
USER = "omnileads"
HAPROXY_PAIR = "/etc/omnileads/hap.pem"
"""Certificate and key in one file, as HAProxy takes them."""

PROGRAMS = "/usr/local/lib/cutover"
"""Where programs of Cutover are on hosts; nobody but root writes there."""


def sentinels(tenant: Tenant) -> tuple[Host, ...]:
    """
    Return the hosts that hold a Sentinel: both voice hosts, and the host of the third vote.

    Three, so that two can decide, on hosts that do not fail together (W39). The old tool has four, three of them on one
    hypervisor.
    """
    return tuple(host for host in tenant.hosts if host.role is Role.VOICE or host == tenant.third_vote)


@dataclass(frozen=True)
class Site:
    """
    Where a component runs: the tenant, the host, and what follows from both.

    `application_tag` is the tag of the web application and `built` the date of the release that it belongs to
    (empty when no release knows it); both are only shown by the application.
    """

    tenant: Tenant
    host: Host
    system: OperatingSystem
    application_tag: str = ""
    built: str = ""

    @property
    def variables(self) -> Variables:
        """The tenant's variables."""
        return self.tenant.variables

    @cached_property
    def addresses(self) -> Derived:
        """Where the components of the tenant are, as this host has to address them."""
        return self.tenant.derived(self.host)

    @property
    def ha(self) -> bool:
        """Is the tenant a highly available one?"""
        return self.tenant.layout is Layout.HA

    @property
    def redis_bind(self) -> str:
        """The address Redis listens on; never a virtual IP, which the host may not hold."""
        return self.host.lan if self.ha else self.addresses.redis_host

    @property
    def kamailio_bind(self) -> str:
        """The address Kamailio listens on."""
        return self.addresses.kamailio_host

    @property
    def outside(self) -> str:
        """The host's address as browsers and SIP partners are told it."""
        return self.host.wan if self.variables.infra_env == "cloud" else self.host.lan

    @property
    def aws(self) -> bool:
        """Is the bucket at AWS S3, where the region implies the endpoint?"""
        return self.variables.bucket_url == "aws"

    @property
    def region(self) -> str:
        """The bucket's region. An own MinIO has none and answers to the customary one."""
        return self.variables.bucket_region if self.tenant.bucket_external else "us-east-1"

    @property
    def bucket_internal(self) -> str:
        """The bucket's endpoint for components; a real URL in every case."""
        if self.aws:
            return f"https://s3.{self.region}.amazonaws.com"
        return self.variables.bucket_url or f"http://{self.addresses.minio_host}:9000"

    @property
    def bucket_public(self) -> str:
        """The bucket's endpoint in links that browsers open; an own MinIO is reached through nginx."""
        return self.variables.bucket_url or f"https://{self.variables.fqdn or self.outside}"

    @property
    def database_url(self) -> Secret:
        """The URL of the tenant's own PostgreSQL where it listens."""
        v = self.variables
        user, password = quote(v.postgres_user, safe=""), quote(v.postgres_password.reveal(), safe="")
        return Secret(
            f"postgresql://{user}:{password}@{self.addresses.postgres_host}:5432/{v.postgres_database}?sslmode=disable"
        )

    @property
    def maps_center(self) -> str:
        """
        The centre of maps as JSON without spaces: an env file takes it as it is, and so does every reader of one.

        Raises CutoverError when it is no JSON.
        """
        try:
            return json.dumps(json.loads(self.variables.google_maps_center), separators=(",", ":"))
        except ValueError as error:
            what, todo = (
                "`google_maps_center` is not JSON",
                'write it like {"lat": 48.2, "lng": 16.4}, in single quotes',
            )
            raise CutoverError(Finding("CUT-421", what, str(self.tenant.folder), str(error), todo)) from None

    @property
    def sentinels(self) -> tuple[str, ...]:
        """Addresses of the Sentinels, in the order of the inventory."""
        return tuple(host.lan for host in sentinels(self.tenant))

    @property
    def peer(self) -> Host:
        """The other host of an HA pair; raises KeyError for a host that has none."""
        for host in self.tenant.hosts_of(self.host.role):
            if host != self.host:
                return host
        raise KeyError(self.host.name)

    @property
    def virtual_address(self) -> str | None:
        """The virtual IP that keepalived moves between this host and its peer; None where there is none."""
        at = {Role.VOICE: self.addresses.voice_host, Role.HAPROXY: self.addresses.application_host}
        return at.get(self.host.role) if self.ha else None

    def targets(self, role: str, port: int) -> list[str]:
        """Return `address:port` for the tenant's hosts of a role."""
        return [f"{host.lan}:{port}" for host in self.tenant.hosts_of(Role(role))]

    def lan(self, name: str) -> str:
        """Return the LAN address of the tenant's host of that name."""
        return self.tenant.host(name).lan
