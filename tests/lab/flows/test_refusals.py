"""What is refused before anything is touched: all of it in one run, each with its code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.lab import postgres
from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller, Result
from tests.lab.flows.seen import codes, state
from tests.lab.flows.untouched import listing
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.tenants import LabTenant

pytestmark = pytest.mark.lab

BUCKET = "refused-tenant"
SQUATTER = "systemd-run --quiet --unit squatter systemd-socket-activate --listen 443 /bin/cat"


@dataclass(frozen=True, slots=True)
class Cloud:
    """A tenant with database and bucket from outside that could be installed, but never is."""

    tenant: LabTenant
    data: Host
    voice: Host
    app: Host
    right: str

    @property
    def hosts(self) -> Sequence[Host]:
        """Its hosts."""
        return (self.data, self.voice, self.app)

    @contextmanager
    def edited(self, *edits: tuple[str, str]) -> Iterator[None]:
        """Have another inventory for a while."""
        for pattern, replacement in edits:
            self.tenant.edit(pattern, replacement)
        try:
            yield
        finally:
            self.tenant.inventory.write_text(self.right)


@pytest.fixture(scope="module")
def cloud(lab: Lab, controller: Controller) -> Iterator[Cloud]:
    made = lab.create(["data", "voice", "app"], "omnileads")
    server = lab.create(["database"], postgres.LAYER)
    lab.start([*made, *server])
    data, voice, app = made
    tenant = controller.tenant("refused", "cloud", made)
    postgres.serve(server[0], "omnileads", "omnileads", tenant.secrets["postgres_password"])
    tenant.edit("postgres_host: .*", f"postgres_host: {server[0].address}")
    tenant.edit("bucket_name: .*", f"bucket_name: {BUCKET}")
    tenant.give("bucket_access_key", lab.store.access_key)
    tenant.give("bucket_secret_key", lab.store.secret_key)
    lab.store.make_bucket(BUCKET)
    yield Cloud(tenant, data, voice, app, tenant.inventory.read_text())
    lab.remove([*made, *server])


def install(controller: Controller, tenant: str) -> Result:
    return controller.run("install", tenant, "--json")


def refused(result: Result) -> list[str]:
    assert (result.status, result.json["state"]["name"]) == (3, "Refused"), result.stdout + result.stderr
    assert all(row["message"] for row in result.json["result"])
    return sorted(codes(result))


def test_the_tenant_that_is_refused_below_is_otherwise_right(controller: Controller, cloud: Cloud) -> None:
    assert state(controller.run("plan", "refused", "--json")) == "Planned"


def test_everything_that_speaks_against_an_installation_is_said_in_one_run_and_nothing_is_touched(
    controller: Controller, lab: Lab, cloud: Cloud
) -> None:
    before = listing(cloud.hosts)
    cloud.tenant.give("bucket_secret_key", "wrong")
    cloud.tenant.give("postgres_password", "wrong")
    cloud.app.cut(cloud.data)
    cloud.app.run(SQUATTER)
    try:
        with cloud.edited((r"^  vars:$", "  vars:\n    fqdn: contact.invalid\n    nginx_version: no-such-tag")):
            result = install(controller, "refused")
    finally:
        cloud.app.run("systemctl stop squatter", check=False)
        cloud.app.heal()
        cloud.tenant.give("bucket_secret_key", lab.store.secret_key)
        cloud.tenant.give("postgres_password", cloud.tenant.secrets["postgres_password"])
    assert set(refused(result)) == {"CUT-305", "CUT-306", "CUT-321", "CUT-331", "CUT-402", "CUT-701"}, result.stdout
    for said in ("443/tcp", "contact.invalid", "no-such-tag", BUCKET, "postgres_password", cloud.data.address):
        assert said in result.stdout
    assert listing(cloud.hosts) == before


def test_registry_and_store_that_are_down_are_named_and_nothing_is_touched(
    controller: Controller, lab: Lab, cloud: Cloud
) -> None:
    before = listing(cloud.hosts)
    lab.registry.stop()
    lab.store.stop()
    try:
        result = install(controller, "refused")
    finally:
        lab.registry.start()
        lab.store.start()
    assert set(refused(result)) == {"CUT-401", "CUT-700"}
    assert listing(cloud.hosts) == before


def test_a_host_without_power_is_refused_by_name_and_the_others_are_left_alone(
    controller: Controller, cloud: Cloud
) -> None:
    before = listing((cloud.data, cloud.app))
    cloud.voice.kill()
    try:
        result = install(controller, "refused")
    finally:
        cloud.voice.start()
    assert refused(result) == ["CUT-201"]
    assert cloud.voice.address in result.stdout
    assert listing((cloud.data, cloud.app)) == before


def test_a_key_that_was_revoked_is_refused_with_what_to_do(controller: Controller, cloud: Cloud) -> None:
    cloud.app.run("mv /root/.ssh/authorized_keys /root/.ssh/revoked")
    try:
        result = install(controller, "refused")
    finally:
        cloud.app.run("sudo mv /root/.ssh/revoked /root/.ssh/authorized_keys", user="ops")
    assert refused(result) == ["CUT-202"]
    assert "authorized_keys" in result.json["result"][0]["message"]


def test_w21_a_host_with_another_key_than_the_pinned_one_is_refused(controller: Controller, cloud: Cloud) -> None:
    pinned = cloud.tenant.folder / "known_hosts"
    right = pinned.read_text()
    keys = {line.split(maxsplit=1)[0]: line.split(maxsplit=1)[1] for line in right.splitlines()}
    here, other = f"app,{cloud.app.address}", f"data,{cloud.data.address}"
    pinned.write_text("".join(f"{who} {keys[other] if who == here else key}\n" for who, key in keys.items()))
    before = listing((cloud.app,))
    try:
        result = install(controller, "refused")
    finally:
        pinned.write_text(right)
    assert refused(result) == ["CUT-205"]
    assert "cutover trust refused" in result.stdout
    assert listing((cloud.app,)) == before


def test_a_user_who_may_not_become_root_is_refused(controller: Controller, cloud: Cloud) -> None:
    cloud.voice.run("mv /etc/sudoers.d/ops /root/sudoers")
    try:
        with cloud.edited(("ansible_user: root", "ansible_user: ops")):
            result = install(controller, "refused")
    finally:
        cloud.voice.run("mv /root/sudoers /etc/sudoers.d/ops")
    assert refused(result) == ["CUT-203"]
    assert "NOPASSWD" in result.stdout


def test_a_disk_that_is_too_small_is_refused(controller: Controller, hosts: MakeHosts) -> None:
    (host,) = hosts(1, layer="omnileads", disk="3G", names=["small"])
    controller.tenant("small", "aio", [host])
    assert refused(install(controller, "small")) == ["CUT-302"]


@pytest.mark.parametrize("name", ["../refused", "/etc", "a b", "x;id", ".hidden", ""])
def test_w21_a_name_that_is_unsafe_in_a_path_is_refused_on_the_command_line(controller: Controller, name: str) -> None:
    result = install(controller, name)
    assert result.status == 2, result.stdout + result.stderr
    assert result.json["findings"]
