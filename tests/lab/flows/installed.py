"""
An installed tenant in some seconds, from a golden state, for tests that are not about installing.

    @pytest.fixture(scope="module")
    def acme(controller: Controller, module_hosts: MakeHosts) -> tuple[LabTenant, list[Host]]:
        return installed(controller, module_hosts, "acme", "aio")

The tenant is in the controller's folder, with its secrets as files; `cutover install acme` finds nothing to do. Its
layout is `aio` (one host), `ait` (data, voice, app), or `cloud` (the same, and an outside database as the fourth
host; its bucket, named after the tenant, is in the lab's S3 store). `CALLS` calls were made: rows in the database,
recordings and prompts in the bucket, live statistics in Redis. For more: `calls(hosts, 5)`.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence

from cutover.inventory import load
from tests.lab import tenants
from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller
from tests.lab.flows import anew, kept
from tests.lab.flows.kept import CALLS, DATABASE, PARTS
from tests.lab.host import Host
from tests.lab.site import answers
from tests.lab.tenants import LabTenant
from tests.lab.waiting import wait_for

__all__ = ["CALLS", "answering", "application", "calls", "installed"]

LIMIT = 120.0
DJANGO = "podman exec oml-django-server ./manage.py"


def installed(
    controller: Controller,
    hosts: MakeHosts,
    name: str,
    layout: str,
    *,
    only: Collection[str] | None = None,
    disk: str | None = None,
) -> tuple[LabTenant, list[Host]]:
    """
    Return an installed tenant of that name and layout, and its hosts (`NAME-aio`, or `NAME-data`, …), with its site
    answering.

    `only` are the units that start with their hosts, for what needs no more than e.g. `{"postgresql", "minio"}`; then
    there is no site to wait for, only the database. `disk` gives each host a file system of its own of that size.
    The first call of all labs for a layout installs it, which takes half a minute.
    """
    state = kept.ensure(hosts.lab, layout)
    made: list[Host] = []
    for part in PARTS[layout]:
        made += hosts.lab.create([f"{name}-{part}"], golden_state=state.state(part), disk=disk)
    own = [host for host in made if not host.name.endswith(DATABASE)]
    tenant = tenants.make(controller.tenants, name, layout, own, state.secrets)
    if layout == "cloud":
        kept.settle(hosts.lab, tenant, made, name)
        hosts.lab.store.make_bucket(name)
        shutil.copytree(state.bucket, hosts.lab.store.data / name, dirs_exist_ok=True)
    anew.write(load(name, controller.tenants), own, only)
    hosts.start(made)
    wait_for(f"the database of {name}", lambda: _serves(made), LIMIT, 0.3)
    if only is None:
        wait_for(f"the site of {name}", lambda: answering(application(made)), LIMIT, 0.3)
    return tenant, made


def application(made: Sequence[Host]) -> Host:
    """Which of a tenant's hosts has the application."""
    return next(host for host in made if host.name.endswith(("-aio", "-app")))


def calls(made: Sequence[Host], count: int) -> None:
    """Have more calls: rows, recordings, statistics."""
    application(made).run(f"{DJANGO} standin_calls {count}")


def _serves(made: Sequence[Host]) -> bool:
    """Is the database there? An outside one is a package of its host, else it is a container."""
    host = made[-1] if made[-1].name.endswith(DATABASE) else made[0]
    command = "pg_isready || podman exec oml-postgresql-server pg_isready"
    return host.run(command, check=False).returncode == 0


def answering(host: Host) -> bool:
    """Does the application on this host answer now?"""
    try:
        return answers(host.address) == [302, 200]
    except OSError:
        return False
