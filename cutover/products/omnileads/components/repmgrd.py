"""repmgrd."""

from __future__ import annotations

from cutover.inventory import Host, Layout, Role, Tenant
from cutover.plan.desired import File, Service
from cutover.plan.probe import Gate, HostRuns
from cutover.products.omnileads import pair
from cutover.products.omnileads.render import plain_file
from cutover.products.omnileads.sheet import Component, placement
from cutover.products.omnileads.site import Site

UNIT = "cutover-repmgrd"


class Repmgrd(Component):
    """repmgr's daemon on all three voters: it watches the primary, and on the standby asks for promotion."""

    name = "repmgrd"
    unit = UNIT
    container = None
    where = placement(ha={Role.SQL, Role.WITNESS, Role.HAPROXY})
    after = frozenset({"postgresql_pair", "witness"})

    def placed(self, tenant: Tenant, host: Host) -> bool:
        """Return whether the host votes."""
        return tenant.layout is Layout.HA and pair.votes(host, tenant)

    def own_service(self, site: Site) -> Service:
        """The daemon under a unit of ours: the distribution's is off unless a file of defaults says otherwise."""
        version = pair.version(site.host.name, site.system)
        content = plain_file(f"{UNIT}.service", version=version, settings=pair.REPMGR)
        running = HostRuns(("/usr/bin/systemctl", "is-active", UNIT), "active")
        return Service(
            component=self.name,
            unit=UNIT,
            container=None,
            image=None,
            unit_file=File(f"/etc/systemd/system/{UNIT}.service", content),
            inputs=(pair.REPMGR,),
            after=self.after,
            gate=Gate((running,), 30.0),
        )
