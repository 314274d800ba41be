"""
An installed tenant of each layout, kept as golden states: installed once for all labs, on hosts that were then shut
down in good order.

A state is kept under a digest of all that it was made from: what the catalogue says of the tenant, the digests of its
images, the packages of its hosts, and the code that builds it. What no longer fits is built anew, and the old goes.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from cutover.hosts import converge, password
from cutover.inventory import Tenant, load
from cutover.plan.desired import HostState
from cutover.products.omnileads import bootstrap, desired, images, typical_systems
from tests.lab import cache, chroot, golden, postgres
from tests.lab.controller import Controller
from tests.lab.errors import LabError
from tests.lab.fingerprint import fingerprint
from tests.lab.host import Host, Shape
from tests.lab.lab import BUILD_LIMIT, Lab
from tests.lab.lock import locked
from tests.lab.settings import Settings
from tests.lab.tenants import EXAMPLE_NET, PROJECT, LabTenant, draft, make
from tests.lab.waiting import wait_for

CALLS = 12
"""How many calls, each with rows and a recording, a kept tenant has had."""

PARTS: Mapping[str, Sequence[str]] = {
    "aio": ("aio",),
    "ait": ("data", "voice", "app"),
    "cloud": ("data", "voice", "app", "database"),
}
"""The hosts of each layout in the order of the example's addresses; an outside database comes last."""

DATABASE = "database"
DAY = 86400.0
PATIENCE = 120.0
CODE = (
    Path(__file__),
    Path(postgres.__file__),
    *(Path(str(each.__file__)) for each in (converge, password, bootstrap)),
)
REMOTE = PROJECT / "cutover/hosts/remote/converge.sh"


@dataclass(frozen=True, slots=True)
class Kept:
    """A tenant's golden states; `secrets` are those that its databases and its bucket know."""

    settings: Settings
    name: str
    layout: str
    secrets: Mapping[str, str]

    def state(self, part: str) -> str:
        """The golden state of one of the hosts."""
        return f"{self.name}-{part}"

    @property
    def bucket(self) -> Path:
        """The content of the bucket, when it is an outside service."""
        return folder(self.settings) / self.name / "bucket"


def folder(settings: Settings) -> Path:
    """Where secrets and buckets of kept tenants are."""
    return settings.cache / "installed"


def ensure(lab: Lab, layout: str) -> Kept:
    """Return the kept tenant of a layout, installed now (half a minute) if there is none that fits."""
    name = f"{layout}-{key(lab, layout)}"
    secrets = folder(lab.settings) / name / "secrets.json"
    with locked(lab.settings.directory / f"building-{layout}.lock", f"installing {layout}", BUILD_LIMIT):
        if not secrets.exists():
            _forget(lab.settings, layout)
            _build(lab, name, layout, secrets)
        os.utime(secrets.parent)
    return Kept(lab.settings, name, layout, json.loads(secrets.read_text()))


def key(lab: Lab, layout: str) -> str:
    """The digest of all that a kept tenant is made from; labs on other networks have the same."""
    anywhere = Settings(lab.settings.directory, lab.settings.name, EXAMPLE_NET)
    hosts = [Host(anywhere, part, Shape(f"{EXAMPLE_NET}.{number}", ())) for number, part in enumerate(PARTS[layout], 1)]
    with TemporaryDirectory() as place:
        draft(Path(place), "kept", layout, _own(hosts), lambda variable: f"secret-of-{variable}")
        tenant = load("kept", Path(place))
    layers = (chroot.key("omnileads"), chroot.key(postgres.LAYER), str(lab.images))
    return fingerprint(*layers, *_digests(lab, tenant), *_wished(tenant), files=(*CODE, REMOTE))


def settle(lab: Lab, tenant: LabTenant, hosts: Sequence[Host], bucket: str) -> None:
    """Let a tenant of the layout `cloud` use the database on the last of the hosts, and a bucket of the lab's store."""
    tenant.edit("postgres_host: .*", f"postgres_host: {hosts[-1].address}")
    tenant.edit("bucket_name: .*", f"bucket_name: {bucket}")
    tenant.give("bucket_access_key", lab.store.access_key)
    tenant.give("bucket_secret_key", lab.store.secret_key)


def _own(hosts: Sequence[Host]) -> Sequence[Host]:
    return [host for host in hosts if not host.name.endswith(DATABASE)]


def _digests(lab: Lab, tenant: Tenant) -> Iterable[str]:
    """A tag whose image was built anew makes another tenant."""
    for image in sorted(images(tenant)):
        digest = lab.registry.digest(image.name.partition("/")[2], image.tag)
        if digest is None:
            raise LabError(f"{image} is not in the lab's registry")
        yield f"{image}@{digest}"


def _wished(tenant: Tenant) -> Iterable[str]:
    placeholders = dict.fromkeys(images(tenant), f"sha256:{'0' * 64}")
    wished = desired(tenant, placeholders, typical_systems(tenant))
    yield from (f"{step.name} {step.inputs}" for step in wished.one_time)
    for state in wished.hosts.values():
        yield _digest(state)


def _digest(state: HostState) -> str:
    files = [*state.files, *(service.unit_file for service in state.services)]
    # A pair of keys is made anew each time.
    lasting = [f"{file} {file.digest}" for file in files if not file.once]
    parts = (state.packages, state.user, state.timezone, state.directories, lasting)
    return sha256(repr(parts).encode()).hexdigest()


def _build(lab: Lab, name: str, layout: str, secrets: Path) -> None:
    lab.report(f"installing a tenant of layout {layout}, once")
    made: list[Host] = []
    try:
        for part in PARTS[layout]:
            made += lab.create([f"{layout}-{part}"], postgres.LAYER if part == DATABASE else "omnileads")
        lab.start(made)
        with TemporaryDirectory(dir=lab.settings.state) as place:
            tenant = _install(lab, Controller(lab.settings, Path(place)), layout, made)
        for host in made:
            host.stop(limit=120)
        for host, part in zip(made, PARTS[layout], strict=True):
            golden.keep(host, f"{name}-{part}")
    finally:
        lab.remove(made)
    shutil.rmtree(secrets.parent, ignore_errors=True)
    secrets.parent.mkdir(parents=True)
    bucket = lab.store.data / f"kept-{layout}"
    if bucket.exists():
        shutil.move(bucket, secrets.parent / "bucket")
    # Last: what is without is not complete.
    secrets.touch(mode=0o600)
    secrets.write_text(json.dumps(tenant.secrets))


def _install(lab: Lab, controller: Controller, layout: str, made: Sequence[Host]) -> LabTenant:
    tenant = make(controller.tenants, "kept", layout, _own(made))
    if layout == "cloud":
        postgres.serve(made[-1], "omnileads", "omnileads", tenant.secrets["postgres_password"])
        lab.store.make_bucket(f"kept-{layout}")
        settle(lab, tenant, made, f"kept-{layout}")
    result = controller.run("install", "kept")
    if result.status:
        raise LabError(f"a tenant of layout {layout} cannot be installed:\n{result.stdout}{result.stderr}")
    _call(_own(made)[-1])
    return tenant


def _call(application: Host) -> None:
    command = "podman exec oml-django-server ./manage.py standin_calls"
    # A busy machine's first answer may come too late for the application; calls themselves must not be made twice.
    wait_for("prompts in the bucket", lambda: application.run(f"{command} 0", check=False).returncode == 0, PATIENCE)
    application.run(f"{command} {CALLS}")


def _forget(settings: Settings, layout: str) -> None:
    """Remove what was kept of this layout and not asked for since yesterday, unless a host of some lab stands on it."""
    used = set(cache.in_use(settings))
    for record in folder(settings).glob(f"{layout}-*"):
        states = [f"{record.name}-{part}" for part in PARTS[layout]]
        recent = time.time() - record.stat().st_mtime < DAY
        if not recent and not used.intersection(golden.path(settings, state) / "root" for state in states):
            shutil.rmtree(record)
            for state in states:
                golden.forget(settings, state)
