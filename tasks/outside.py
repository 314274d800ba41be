"""The services a tenant gets from outside, taken from its inventory."""

from __future__ import annotations

from cutover.hosts.database import Login
from cutover.inventory import Host, Role, Tenant


def application_host(tenant: Tenant) -> Host:
    """Return the host that runs the web application."""
    return tenant.hosts_of(Role.APP, Role.AIO)[0]


def maintenance_login(tenant: Tenant) -> Login:
    """Return the login to the tenant's PostgreSQL server, to the database one connects to when creating others."""
    settings = tenant.variables
    host = application_host(tenant)
    return Login(
        address=tenant.derived(host).postgres_host,
        port=settings.postgres_port,
        user=settings.postgres_user,
        password=settings.postgres_password,
        database=settings.postgres_maintenance_db,
        ssl=settings.postgres_ssl,
    )
