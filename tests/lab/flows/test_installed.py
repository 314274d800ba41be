"""A tenant from a golden state is the same as one that was installed just now."""

from __future__ import annotations

import pytest

from tests.lab.conftest import MakeHosts
from tests.lab.controller import Controller
from tests.lab.flows.installed import CALLS, application, calls, installed
from tests.lab.flows.seen import started, state
from tests.lab.s3 import client

pytestmark = [pytest.mark.lab, pytest.mark.thorough]

ROWS = "podman exec oml-django-server python3 manage.py shell -c "
COUNT = "from reportes_app.models import LlamadaLog as L; print(L.objects.filter(archivo_grabacion__gt='').count())"


@pytest.mark.parametrize("layout", ["ait", "cloud"])
def test_an_installed_tenant_needs_nothing_and_has_its_calls(
    controller: Controller, hosts: MakeHosts, layout: str
) -> None:
    tenant, made = installed(controller, hosts, f"ready-{layout}", layout)
    before = started(made)
    assert state(controller.run("install", tenant.name, "--json")) == "Unchanged"
    assert started(made) == before
    calls(made, 1)
    assert int(application(made).output(f'{ROWS}"{COUNT}"')) == CALLS + 1
    if layout == "cloud":
        stored = client(hosts.lab.store).list_objects_v2(Bucket=tenant.name)["Contents"]
        assert len([each for each in stored if each["Key"].startswith("20")]) == CALLS + 1
