"""Installing each layout on real hosts, twice, as an operator would."""

from __future__ import annotations

import json

import pytest

from tests.lab import postgres
from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller
from tests.lab.flows.seen import started, state
from tests.lab.lab import Lab
from tests.lab.site import answers

SECRET_FILES = "find /etc/default /etc/omnileads /etc/cutover /var/lib/cutover -type f -printf '%m %u %p\\n'"


def test_aio_installs_and_installing_again_restarts_nothing(controller: Controller, hosts: MakeHosts) -> None:
    (host,) = hosts(1, layer="omnileads")
    controller.tenant("aio", "aio", [host])
    assert state(controller.run("install", "aio", "--json")) == "Completed"
    assert answers(host.address) == [302, 200]

    before = started([host])
    assert state(controller.run("install", "aio", "--json")) == "Unchanged"
    assert started([host]) == before
    assert state(controller.run("status", "aio", "--json")) == "Healthy"


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


def test_w24_files_that_hold_secrets_are_root_s_alone(controller: Controller, hosts: MakeHosts) -> None:
    (host,) = hosts(1, layer="omnileads")
    tenant = controller.tenant("modes", "aio", [host])
    assert state(controller.run("install", "modes", "--json")) == "Completed"
    for line in host.output(SECRET_FILES).splitlines():
        mode, owner, path = line.split(maxsplit=2)
        content = host.output(f"cat {path}")
        if "key.pem" in path or any(secret in content for secret in tenant.secrets.values()):
            assert (mode, owner) == ("600", "root"), path


@pytest.mark.parametrize("stop", ["redis", "nginx"])
def test_a_component_that_was_stopped_is_the_only_one_started(
    controller: Controller, hosts: MakeHosts, stop: str
) -> None:
    (host,) = hosts(1, layer="omnileads")
    controller.tenant(f"stopped-{stop}", "aio", [host])
    assert state(controller.run("install", f"stopped-{stop}", "--json")) == "Completed"
    host.run(f"systemctl stop {stop}")
    status = controller.run("status", f"stopped-{stop}", "--json")
    assert status.status == 5, json.dumps(status.json)
    again = controller.run("install", f"stopped-{stop}", "--json").json
    started_now = [row["component"] for row in again["result"] if row["action"] == "start"]
    assert started_now == [stop]
