"""The third vote of an HA tenant."""

from __future__ import annotations

from cutover.inventory import Host, Role, Tenant
from cutover.plan.desired import File, Service
from cutover.plan.probe import Gate, TcpConnects
from cutover.products.omnileads import pair
from cutover.products.omnileads.components.postgresql_pair import voter_files
from cutover.products.omnileads.render import plain_file
from cutover.products.omnileads.sheet import Component, placement
from cutover.products.omnileads.site import Site


class Witness(Component):
    """A PostgreSQL of its own, of which repmgr and the guards ask who may write. It has no data of the tenant."""

    name = "witness"
    unit = "postgresql"
    container = None
    where = placement(ha={Role.WITNESS, Role.HAPROXY})
    after = frozenset({pair.THIRD_VOTE})

    def placed(self, tenant: Tenant, host: Host) -> bool:
        """Return whether the host has the third vote."""
        return host == tenant.third_vote

    def files(self, site: Site) -> tuple[File, ...]:
        """Its settings."""
        return voter_files(site)

    def own_service(self, site: Site) -> Service:
        """The distribution's service, which starts the cluster; a restart of it costs nobody anything."""
        return Service(
            component=self.name,
            unit=self.unit,
            container=None,
            image=None,
            unit_file=File("/etc/systemd/system/postgresql.service.d/cutover.conf", plain_file("witness.conf")),
            inputs=(pair.SETTINGS, pair.ACCESS),
            after=self.after,
            gate=Gate((TcpConnects(site.host.lan, 5432),), 60.0),
        )
