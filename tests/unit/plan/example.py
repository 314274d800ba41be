"""A small tenant's desired and observed state, to be varied by tests."""

from __future__ import annotations

from dataclasses import replace

from cutover.plan.desired import INPUTS, DesiredState, Directory, File, HostState, Image, OneTime, Service
from cutover.plan.diff import Plan, diff, service_inputs
from cutover.plan.observed import (
    ContainerState,
    FileState,
    ObservedHost,
    OperatingSystem,
    Record,
    UnitState,
)
from cutover.plan.probe import Gate, TcpConnects

NGINX = Image("docker.io/omnileads/nginx", "230215.01")
DIGEST = "sha256:" + "ab" * 32

ENV = File("/etc/default/nginx.env", b"ENV=prodenv\n", 0o600, secret=True)
CERT = File("/etc/omnileads/certs/cert.pem", b"made now", 0o644, once="tls")
KEY = File("/etc/omnileads/certs/key.pem", b"made now too", 0o600, secret=True, once="tls")
UNIT = File("/etc/systemd/system/nginx.service", f"[Service]\nExecStart=podman {INPUTS} {DIGEST}\n".encode())
RULES = File("/etc/cutover/firewall.nft", b"table inet cutover {}\n")
WALL = File("/etc/systemd/system/cutover-firewall.service", b"[Service]\nExecStart=nft\n")

SERVICE = Service(
    component="nginx",
    unit="nginx",
    container="oml-nginx-server",
    image=NGINX,
    unit_file=UNIT,
    inputs=(ENV.path, CERT.path, KEY.path),
    volumes=("django_static",),
    gate=Gate((TcpConnects("127.0.0.1", 443),)),
)
FIREWALL = Service("firewall", "cutover-firewall", None, None, WALL, (RULES.path,))

STATE = HostState(
    host="omnileads_aio",
    packages=("podman",),
    timezone="Europe/Berlin",
    user="omnileads",
    directories=(Directory("/etc/omnileads", 0o755, "omnileads", "omnileads"),),
    files=(ENV, CERT, KEY, RULES),
    services=(SERVICE, FIREWALL),
    binds={("tcp", 443): "nginx"},
    ssh_from=("10.0.0.0/24",),
    reaches=(),
    minimum_disk=4 << 30,
    minimum_memory=1 << 30,
)
DATABASES = OneTime("databases", "omnileads_aio", frozenset({"postgresql"}), "1")
DESIRED = DesiredState("acme", {"omnileads_aio": STATE}, {NGINX: DIGEST}, (DATABASES,))

BARE = ObservedHost(
    host="omnileads_aio",
    os=OperatingSystem("debian", "12", "debian"),
    controller="10.0.0.9",
    addresses=frozenset({"10.0.0.1"}),
    memory=4 << 30,
    disk_free=40 << 30,
    clock_offset=0.0,
    timezone="Etc/UTC",
    users=frozenset(),
    packages=frozenset(),
    listening=frozenset({("tcp", 22)}),
    files={},
    directories={},
    units={},
    containers={},
    images=frozenset(),
    volumes=frozenset(),
    started={},
    record=Record(),
)


def plan_for(observed: ObservedHost, desired: DesiredState = DESIRED) -> Plan:
    return diff(desired, {"omnileads_aio": observed})


def applied(observed: ObservedHost = BARE, desired: DesiredState = DESIRED) -> ObservedHost:
    """The host after its plan was carried out to the end."""
    state = desired.hosts["omnileads_aio"]
    plan = plan_for(observed, desired).hosts["omnileads_aio"]
    files = dict(observed.files)
    for change in plan.files:
        files[change.file.path] = FileState(change.file.digest, change.file.mode, change.file.owner, change.file.group)
    after = replace(observed, files=files)
    inputs = {service.unit: service_inputs(service, state, after) for service in state.services}
    return replace(
        after,
        timezone=state.timezone,
        users=frozenset({state.user}),
        packages=frozenset(state.packages),
        directories={d.path: FileState("", d.mode, d.owner, d.group) for d in state.directories},
        volumes=frozenset(v for service in state.services for v in service.volumes),
        images=frozenset(f"{image.name}@{digest}" for image, digest in desired.digests.items()),
        units={service.unit: UnitState("active", enabled=True, started=7) for service in state.services},
        containers={"oml-nginx-server": ContainerState("x", inputs["nginx"], running=True)},
        started={"cutover-firewall": inputs["cutover-firewall"]},
        record=Record(done={step.name: step.inputs for step in desired.one_time}),
    )
