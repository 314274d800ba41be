"""MinIO."""

from __future__ import annotations

from cutover.inventory import Role, Tenant
from cutover.plan.probe import HttpAnswers, Probe
from cutover.products.omnileads.sheet import Component, Mount, Port, Repository, placement
from cutover.products.omnileads.site import Site


class Minio(Component):
    """The tenant's own object storage: recordings and prompts. Not run when `bucket_url` names an outside one."""

    name = "minio"
    unit = "minio"
    container = "oml-minio-server"
    repository = Repository("quay.io/minio/minio", "minio")
    where = placement(aio=True, ait={Role.DATA})
    ports = (Port(9000, "S3"), Port(9001, "console; 9090 would collide with Prometheus"))
    mounts = (Mount("oml_minio", "/data"),)
    env = "minio.env"

    def wanted(self, tenant: Tenant) -> bool:
        """Return whether the bucket is ours to run."""
        return not tenant.bucket_external

    def arguments(self, site: Site) -> tuple[str, ...]:
        """Serve the volume."""
        return ("server", "/data", "--console-address", ":9001")

    def probes(self, site: Site) -> tuple[Probe, ...]:
        """MinIO's own sign of life."""
        return (HttpAnswers("http://127.0.0.1:9000/minio/health/live"),)
