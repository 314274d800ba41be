"""Where a tenant's objects and its backups lie, taken from its inventory."""

from __future__ import annotations

from dataclasses import dataclass

from cutover.inventory import Role, Tenant
from cutover.storage.bucket import Bucket

MINIO_PORT = 9000


@dataclass(frozen=True, slots=True)
class Place:
    """
    A bucket, and where in it a tenant's things are.

    `bucket` has the endpoint as the tenant's hosts reach it. `prefix` stands before every key: "" or "acme/". `through`
    is the host whose SSH connection leads the controller to it, None when the controller reaches it directly. `own`
    says that it is the bucket which the tenant's applications use.
    """

    bucket: Bucket
    prefix: str
    through: str | None
    own: bool

    @property
    def name(self) -> str:
        """The place as an operator names it."""
        where = f" on {self.through}" if self.through else ""
        return f"bucket {self.bucket.name} at {self.bucket.endpoint or 'AWS'}{where}"


def own_place(tenant: Tenant) -> Place:
    """Return the tenant's own bucket: on its MinIO, or the outside one."""
    outside = external_bucket(tenant)
    if outside is not None:
        return Place(outside, "", None, own=True)
    settings, host = tenant.variables, tenant.hosts_of(Role.DATA, Role.AIO)[0]
    minio = tenant.derived(host).minio_host or host.lan
    address = f"[{minio}]" if ":" in minio else minio
    bucket = Bucket(
        name=settings.bucket_name,
        endpoint=f"http://{address}:{MINIO_PORT}",
        region=settings.bucket_region,
        access_key=settings.bucket_access_key,
        secret_key=settings.bucket_secret_key,
    )
    return Place(bucket, "", host.name, own=True)


def backup_place(tenant: Tenant) -> Place:
    """Return where the tenant's backups are: in `backup_bucket_*` where those are given, else in its own bucket."""
    settings = tenant.variables
    if not (
        settings.backup_bucket_url
        and settings.backup_bucket_name
        and settings.backup_bucket_access_key
        and settings.backup_bucket_secret_key
    ):
        return own_place(tenant)
    bucket = Bucket(
        name=settings.backup_bucket_name,
        endpoint=_endpoint(settings.backup_bucket_url),
        region=settings.backup_bucket_region,
        access_key=settings.backup_bucket_access_key,
        secret_key=settings.backup_bucket_secret_key,
        verify=not settings.backup_bucket_ssl_insecure,
    )
    return Place(bucket, f"{tenant.name}/", None, own=False)


def external_bucket(tenant: Tenant) -> Bucket | None:
    """Return the tenant's own bucket when it is an outside service."""
    settings = tenant.variables
    if settings.bucket_url is None:
        return None
    return Bucket(
        name=settings.bucket_name,
        endpoint=_endpoint(settings.bucket_url),
        region=settings.bucket_region,
        access_key=settings.bucket_access_key,
        secret_key=settings.bucket_secret_key,
        verify=settings.callrec_device != "s3-no-check-cert",
    )


def _endpoint(url: str) -> str | None:
    return None if url == "aws" else url
