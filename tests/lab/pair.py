"""
An installed PostgreSQL pair in some seconds, from golden states, for tests of what it does when something fails.

    pair = installed(hosts, folder)
    with pair.writing(folder) as (ledger, seen):
        pair.hosts["sql_1"].kill()
        ledger.wait_for_writes()
    assert seen.together() == []

Three hosts, `sql_1` (primary), `sql_2` (standby) and `witness_1`, and `app_1`, from which clients come; the tenant's
other hosts are not there. The pair was made by the steps of `install`, once for each network: its addresses are in its
data.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cutover.hosts import converge, pairing
from cutover.hosts.facts import Questions
from cutover.hosts.lease import Lease
from cutover.hosts.operation import Operation, operation
from cutover.inventory import Tenant, load
from cutover.plan.desired import DesiredState
from cutover.plan.diff import HostPlan, Plan, Start, diff
from cutover.plan.order import Node, nodes
from cutover.products.omnileads import bootstrap, desired, images, pair, typical_systems
from tasks import first_time
from tasks import pair as steps
from tasks.components import in_order
from tests.lab import chroot, golden, tenants
from tests.lab.errors import LabError
from tests.lab.fingerprint import fingerprint
from tests.lab.host import Host, Shape
from tests.lab.lab import BUILD_LIMIT, Lab
from tests.lab.ledger import Ledger, Place, kept
from tests.lab.lock import locked
from tests.lab.making import Making
from tests.lab.pairwatch import Watch, watched
from tests.lab.settings import Settings
from tests.lab.waiting import wait_for

LAYER = "ha"
VOTERS = ("sql_1", "sql_2", "witness_1")
CLIENT = "app_1"
LIMIT = 180.0
MADE_BY = (__file__, pairing.__file__, steps.__file__, converge.__file__, tenants.__file__)
CODE = (*map(Path, map(str, MADE_BY)), tenants.PROJECT / "cutover/hosts/remote/pair.sh")


@dataclass(frozen=True, slots=True)
class Pair:
    """The tenant and those of its hosts that are there, by their names in the inventory."""

    tenant: Tenant
    hosts: Mapping[str, Host]

    @property
    def vip(self) -> str:
        """The virtual IP for writing."""
        return str(self.tenant.variables.postgres_host)

    @property
    def read_vip(self) -> str:
        """The virtual IP for reading."""
        return str(self.tenant.variables.postgres_ro_host)

    @property
    def data(self) -> list[Host]:
        """The two hosts with data."""
        return [self.hosts["sql_1"], self.hosts["sql_2"]]

    def status(self, name: str) -> dict[str, Any]:
        """Return what the guard of a host says; empty when it does not answer."""
        said = self.hosts[name].run("cutover-pair status", check=False, timeout=20)
        found: dict[str, Any] = json.loads(said.stdout) if said.returncode == 0 else {}
        return found

    def serves(self, primary: str) -> bool:
        """Return whether a host is the primary, holds the virtual IP, and the other follows and holds the other one."""
        (other,) = {"sql_1", "sql_2"} - {primary}
        one, two = self.status(primary), self.status(other)
        roles = (one.get("role"), two.get("role"))
        vips = (one.get("vips"), two.get("vips"))
        return roles == ("primary", "standby") and vips == ([self.vip], [self.read_vip]) and bool(two["streaming"])

    def wait(self, primary: str) -> None:
        """Wait until the pair is whole with this primary."""
        wait_for(f"a whole pair with {primary} as primary", lambda: self.serves(primary), LIMIT, 0.5)

    def holders(self, address: str) -> list[str]:
        """Return which of the hosts that run hold an address."""
        running = [name for name in ("sql_1", "sql_2") if self.hosts[name].running]
        return [name for name in running if f" {address}/" in self.hosts[name].output("ip -4 -o address show")]

    @contextmanager
    def writing(self, folder: Path) -> Iterator[tuple[Ledger, Watch]]:
        """Have a client write through the virtual IP for a while, and somebody look at who holds it."""
        v = self.tenant.variables
        place = Place(self.vip, 5432, v.postgres_database, v.postgres_user, v.postgres_password.reveal())
        with (
            watched(self.data, self.vip) as seen,
            kept(place, folder, self.hosts[CLIENT].namespace) as ledger,
        ):
            ledger.wait_for_writes()
            yield ledger, seen

    def sql(self, name: str, statement: str, database: str = "postgres") -> str:
        """Run a statement on a host as PostgreSQL's own user and return its rows as text."""
        command = f"cd /; runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d {database} -f -"
        return self.hosts[name].run(command, stdin=statement, timeout=60).stdout.strip()

    def rejoin(self, name: str) -> None:
        """Bring a replaced primary back as a standby of the other host, as an operator would by hand."""
        (other,) = {"sql_1", "sql_2"} - {name}
        self.sql(other, "checkpoint")
        target = f"host={self.tenant.host(other).lan} user=repmgr dbname=repmgr"
        rejoin = f"/usr/lib/postgresql/15/bin/repmgr -f /etc/repmgr.conf node rejoin -d '{target}'"
        self.hosts[name].run(f"cd /; runuser -u postgres -- {rejoin} --force-rewind --no-wait && cutover-pair unfence")

    def install(self) -> Plan:
        """Install the pair again; return the plan that was carried out."""
        return asyncio.run(_install(self.tenant))


def installed(hosts: Making, folder: Path, *, synchronous: bool = False) -> Pair:
    """
    Return an installed pair, whole and serving; its tenant `pair` is made in `folder`.

    The first call of a network installs it, which takes half a minute.
    """
    lab = hosts.lab
    os.environ["CUTOVER_SSH_KEY"] = str(lab.settings.key)
    family = f"pair-{lab.settings.net.replace('.', '-')}-"
    state = f"{family}{_key(lab.settings)}"
    with locked(lab.settings.directory / f"building-{family}.lock", "installing a pair", BUILD_LIMIT):
        if not golden.path(lab.settings, f"{state}-{VOTERS[-1]}").exists():
            _forget(lab.settings, family)
            _build(lab, state)
    there = _make(lab, state)
    hosts.start(list(there.values()))
    made = Pair(_tenant(lab.settings, folder, synchronous=synchronous), there)
    made.wait("sql_1")
    return made


def _make(lab: Lab, state: str | None) -> dict[str, Host]:
    with TemporaryDirectory() as place:
        tenant = _draft(lab.settings, Path(place))
    made = {}
    for name in (*VOTERS, CLIENT):
        kept_as = f"{state}-{name}" if state and name in VOTERS else None
        layer = LAYER if name in VOTERS else None
        address = [tenant.host(name).lan]
        made[name] = lab.create([name.replace("_", "-")], layer, golden_state=kept_as, addresses=address)[0]
    return made


def _draft(settings: Settings, folder: Path) -> Tenant:
    text = (tenants.EXAMPLES / "example-ha" / "inventory.yml").read_text()
    addresses = dict.fromkeys(re.findall(tenants.ADDRESS, text))
    hosts = [
        Host(settings, f"host{number}", Shape(address.replace(tenants.EXAMPLE_NET, settings.net), ()))
        for number, address in enumerate(addresses)
    ]
    # a module before may have had it
    shutil.rmtree(folder / "pair", ignore_errors=True)
    tenants.draft(folder, "pair", "ha", hosts, lambda variable: f"secret-of-{variable}")
    return load("pair", folder)


def _tenant(settings: Settings, folder: Path, *, synchronous: bool = False) -> Tenant:
    tenant = _draft(settings, folder)
    shutil.copy(settings.known_hosts, tenant.known_hosts)
    if not synchronous:
        return tenant
    return replace(tenant, variables=tenant.variables.model_copy(update={"postgres_synchronous": True}))


def _key(settings: Settings) -> str:
    with TemporaryDirectory() as place:
        states = _wished(_draft(settings, Path(place))).hosts.values()
        files = [file for state in states for file in (*state.files, *(each.unit_file for each in state.services))]
        parts = [f"{file} {file.digest}" for file in files if not file.once]
    return fingerprint(chroot.key(LAYER), settings.net, *parts, files=CODE)


def _forget(settings: Settings, family: str) -> None:
    """Remove what was kept for this network by other code."""
    for old in golden.path(settings, family).parent.glob(f"{family}*"):
        golden.forget(settings, old.name)


def _build(lab: Lab, state: str) -> None:
    lab.report("installing a PostgreSQL pair, once")
    hosts = _make(lab, None)
    try:
        lab.start(list(hosts.values()))
        with TemporaryDirectory() as place:
            made = Pair(_tenant(lab.settings, Path(place)), hosts)
            made.install()
            made.wait("sql_1")
        for voter in ("sql_2", "sql_1", "witness_1"):
            hosts[voter].stop()
        for voter in VOTERS:
            golden.keep(hosts[voter], f"{state}-{voter}")
    finally:
        lab.remove(list(hosts.values()))


def _wished(tenant: Tenant) -> DesiredState:
    """What is to be of the hosts that vote, and the steps that are done once there; no container is among it."""
    placeholders = dict.fromkeys(images(tenant), f"sha256:{'0' * 64}")
    whole = desired(tenant, placeholders, typical_systems(tenant))
    hosts = {
        name: replace(whole.hosts[name], services=tuple(each for each in whole.hosts[name].services if not each.image))
        for name in VOTERS
    }
    steps = (pair.PRIMARY, pair.STANDBY, pair.THIRD_VOTE)
    return replace(whole, hosts=hosts, one_time=tuple(step for step in whole.one_time if step.name in steps), pairs=())


async def _install(tenant: Tenant) -> Plan:
    """Do with the hosts of the pair what a run of `install` does; last its databases, at the virtual IP."""
    wished = _wished(tenant)
    async with operation(tenant, Lease.new("install", "the lab", "-")) as this:
        observed = {name: await this.observe(name, Questions.about(wished, name)) for name in VOTERS}
        plan = diff(wished, observed)
        for name, host in plan.hosts.items():
            await _prepare(this, name, host)
        for outcome in await in_order(nodes(plan), lambda node: _do(this, node)):
            if outcome.error:
                raise outcome.error
        databases = first_time.FIRST_TIME[bootstrap.DATABASES]
        await databases.__wrapped__(CLIENT)  # type: ignore[attr-defined]
        done = {step.name: step.inputs for step in wished.one_time}
        for name, found in observed.items():
            await _run(this, name, converge.write_record(replace(found.record, done=done), this.required_lease()))
    return plan


async def _prepare(this: Operation, name: str, plan: HostPlan) -> None:
    await _run(this, name, converge.prepare(plan, this.required_lease()))
    await _run(this, name, converge.configure(plan, this.required_lease()))


async def _do(this: Operation, node: Node) -> None:
    """A step without a Prefect run around it."""
    if isinstance(node.act, Start):
        await _run(this, node.host, converge.start(node.act, this.required_lease()))
    else:
        await first_time.FIRST_TIME[node.component].__wrapped__(node.host)  # type: ignore[attr-defined]


async def _run(this: Operation, host: str, text: str) -> None:
    output = await this.run(host, text, patience=LIMIT)
    if output.status:
        raise LabError(f"{host}: {output.stdout}{output.stderr}")
