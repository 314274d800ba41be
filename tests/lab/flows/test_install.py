"""Installing each layout on real hosts, twice, as an operator would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.lab import postgres
from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller
from tests.lab.flows.patient import patient
from tests.lab.flows.seen import started, state
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.site import answers
from tests.lab.tenants import LabTenant

# What sshd wrote is in the journal only after a sync.
SESSIONS = "journalctl --sync; journalctl --unit ssh --output cat | grep --count 'Starting session: command' || true"
SECRET_FILES = "find /etc/default /etc/omnileads /etc/cutover /var/lib/cutover -type f -printf '%m %u %p\\n'"


@pytest.fixture(scope="module")
def aio(controller: Controller, module_hosts: MakeHosts) -> tuple[LabTenant, Host]:
    """A tenant on one host that was installed just now."""
    (host,) = module_hosts(1, layer="omnileads", names=["aio"])
    tenant = controller.tenant("aio", "aio", [host])
    assert state(controller.run("install", "aio", "--json")) == "Completed"
    assert answers(host.address) == [302, 200]
    return tenant, host


def test_aio_installs_and_installing_again_restarts_nothing_in_two_round_trips(
    controller: Controller, aio: tuple[LabTenant, Host], lab: Lab, tmp_path: Path
) -> None:
    tenant, host = aio
    again = patient(lab, tmp_path, tenant)
    # A reload comes back before sshd listens again; a restart does not, and spares this session.
    host.run("echo 'LogLevel VERBOSE' >/etc/ssh/sshd_config.d/counted.conf && systemctl restart ssh")
    before, sessions = started([host]), int(host.output(SESSIONS))
    assert state(again.run("install", "aio", "--json")) == "Unchanged"
    # the last session is the one that counts
    assert int(host.output(SESSIONS)) - sessions - 1 <= 2
    assert started([host]) == before
    assert state(controller.run("status", "aio", "--json")) == "Healthy"


def test_w24_files_that_hold_secrets_are_root_s_alone(aio: tuple[LabTenant, Host]) -> None:
    tenant, host = aio
    for line in host.output(SECRET_FILES).splitlines():
        mode, owner, path = line.split(maxsplit=2)
        content = host.output(f"cat {path}")
        if "key.pem" in path or any(secret in content for secret in tenant.secrets.values()):
            assert (mode, owner) == ("600", "root"), path


@pytest.mark.parametrize("stop", ["redis", pytest.param("nginx", marks=pytest.mark.thorough)])
def test_a_component_that_was_stopped_is_the_only_one_started(
    controller: Controller, aio: tuple[LabTenant, Host], stop: str
) -> None:
    _, host = aio
    host.run(f"systemctl stop {stop}")
    status = controller.run("status", "aio", "--json")
    assert status.status == 5, json.dumps(status.json)
    again = controller.run("install", "aio", "--json").json
    started_now = [row["component"] for row in again["result"] if row["action"] == "start"]
    assert started_now == [stop]


def test_ait_installs_on_three_hosts_by_a_user_with_sudo(controller: Controller, hosts: MakeHosts) -> None:
    three = hosts(3, layer="omnileads")
    tenant = controller.tenant("ait", "ait", three)
    tenant.edit("ansible_user: root", "ansible_user: ops")
    assert state(controller.run("install", "ait", "--json")) == "Completed"
    assert answers(three[2].address) == [302, 200]

    before = started(three)
    assert state(controller.run("install", "ait", "--json")) == "Unchanged"
    assert started(three) == before


def test_cloud_backed_installs_with_database_and_bucket_from_outside(
    controller: Controller, lab: Lab, hosts: MakeHosts
) -> None:
    three = hosts(3, layer="omnileads")
    (server,) = hosts(1, layer="postgres", names=["database"])
    tenant = controller.tenant("cloud", "cloud", three)
    postgres.serve(server, "omnileads", "omnileads", tenant.secrets["postgres_password"])
    tenant.edit("postgres_host: .*", f"postgres_host: {server.address}")
    tenant.edit("bucket_name: .*", "bucket_name: cloud-tenant")
    tenant.give("bucket_access_key", lab.store.access_key)
    tenant.give("bucket_secret_key", lab.store.secret_key)
    lab.store.make_bucket("cloud-tenant")
    assert state(controller.run("install", "cloud", "--json")) == "Completed"
    assert answers(three[2].address) == [302, 200]


def test_a_bare_host_gets_its_packages_too(controller: Controller, hosts: MakeHosts) -> None:
    (host,) = hosts(1, layer=None)
    controller.tenant("bare", "aio", [host])
    assert state(controller.run("install", "bare", "--json")) == "Completed"
    assert answers(host.address) == [302, 200]
