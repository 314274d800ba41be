"""The services a tenant gets from outside, taken from its inventory."""

from __future__ import annotations

from cutover.hosts.database import Login
from cutover.inventory import Host, Role, Tenant
from cutover.storage.bucket import Bucket


def application_host(tenant: Tenant) -> Host:
    """Return the host that runs the web application."""
    return tenant.hosts_of(Role.APP, Role.AIO)[0]


def external_bucket(tenant: Tenant) -> Bucket | None:
    """Return the tenant's bucket when it is an outside service."""
    settings = tenant.variables
    if settings.bucket_url is None:
        return None
    aws = settings.bucket_url == "aws"
    return Bucket(
        name=settings.bucket_name,
        endpoint=None if aws else settings.bucket_url,
        region=settings.bucket_region,
        access_key=settings.bucket_access_key,
        secret_key=settings.bucket_secret_key,
        verify=settings.callrec_device != "s3-no-check-cert",
    )


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
