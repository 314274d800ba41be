from __future__ import annotations

from dataclasses import replace

from cutover.plan.desired import DesiredState, File, Image, Service
from cutover.plan.observed import Record
from cutover.plan.part import narrowed, record_of, together
from tests.unit.plan.example import BARE, DESIRED, DIGEST, NGINX, SERVICE, STATE, plan_for

APP = Image("docker.io/omnileads/omlapp", "1.27.0")
NEW = "sha256:" + "cd" * 32


def app(component: str) -> Service:
    unit = File(f"/etc/systemd/system/{component}.service", component.encode())
    return Service(component, component, f"oml-{component}-server", APP, unit, volumes=(f"{component}_data",))


SERVICES = (SERVICE, app("django"), app("daphne"))
WISHED = DesiredState(
    "acme", {STATE.host: replace(STATE, services=SERVICES)}, {NGINX: DIGEST, APP: NEW}, DESIRED.one_time
)
NGINX_ALONE = frozenset({"nginx"})


def test_a_plan_is_narrowed_to_what_one_component_needs() -> None:
    plan = narrowed(plan_for(BARE, WISHED), WISHED, NGINX_ALONE)
    assert [f"{row.component}: {row.action}" for row in plan.rows()] == [
        "host: pull docker.io/omnileads/nginx:230215.01",
        "host: make directory /etc/omnileads",
        "host: write /etc/default/nginx.env",
        "host: write /etc/omnileads/certs/cert.pem",
        "host: write /etc/omnileads/certs/key.pem",
        "host: write /etc/systemd/system/nginx.service",
        "host: create volume django_static",
        "host: enable nginx at boot",
        "nginx: start",
    ]


def test_components_of_one_image_go_together() -> None:
    assert together(WISHED, frozenset({"django"})) == {"django", "daphne"}
    assert together(WISHED, NGINX_ALONE) == NGINX_ALONE


def test_the_record_says_what_was_brought_up_to_date_and_keeps_the_rest() -> None:
    old = Record({str(APP): "sha256:old"}, {"databases": "1"}, {"/etc/systemd/system/django.service": "0"}, "1.26.0")
    new = Record({str(NGINX): DIGEST, str(APP): NEW}, {}, {SERVICE.unit_file.path: "1"}, "1.27.0", "run", "now")
    kept = record_of(old, new, WISHED.hosts[STATE.host], NGINX_ALONE)
    assert kept.digests == {str(APP): "sha256:old", str(NGINX): DIGEST}
    assert kept.files == {"/etc/systemd/system/django.service": "0", SERVICE.unit_file.path: "1"}
    assert (kept.done, kept.release, kept.run) == ({"databases": "1"}, "1.26.0", "run")
    assert record_of(old, new, WISHED.hosts[STATE.host], frozenset()) is new
