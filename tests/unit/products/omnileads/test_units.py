"""The form of a unit, and that systemd takes it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from cutover.plan.desired import INPUTS
from cutover.products.omnileads.unit import escaped
from tests.unit.products.omnileads.cases import INSTALLABLE, service, services

ALWAYS = (
    "Wants=network-online.target",
    "Type=notify",
    "NotifyAccess=all",
    "Restart=on-failure",
    "RestartSec=2",
    "StartLimitIntervalSec=0",
    "TimeoutStopSec=70",
    "Environment=PODMAN_SYSTEMD_UNIT=%n",
    "    --cidfile=%t/%n.ctr-id \\",
    "    --cgroups=no-conmon \\",
    "    --sdnotify=conmon \\",
    "    --replace \\",
    "    --detach \\",
    "    --rm \\",
    "    --network=host \\",
    "    --log-driver=journald \\",
    f"    --label=cutover.inputs={INPUTS} \\",
    "ExecStop=/usr/bin/podman stop --ignore --cidfile=%t/%n.ctr-id",
    "ExecStopPost=/usr/bin/podman rm -f --ignore --cidfile=%t/%n.ctr-id",
    "WantedBy=default.target",
)

NAMES = {
    "postgresql": ("postgresql", "oml-postgresql-server"),
    "postgres_exporter": ("prometheus_postgres", "oml-prometheus-postgres"),
    "redis": ("redis", "oml-redis-server"),
    "redis_exporter": ("prometheus_redis", "oml-prometheus-redis"),
    "minio": ("minio", "oml-minio-server"),
    "rtpengine": ("rtpengine", "oml-rtpengine-server"),
    "asterisk": ("asterisk", "oml-asterisk-server"),
    "kamailio": ("kamailio", "oml-kamailio-server"),
    "websockets": ("websockets", "oml-websockets-server"),
    "daphne": ("daphne", "oml-daphne-server"),
    "django": ("omnileads", "oml-django-server"),
    "cron": ("omlcron", "oml-cron-server"),
    "nginx": ("nginx", "oml-nginx-server"),
    "redis2postgres": ("redis2postgres", "oml-redis2postgres-server"),
    "node_exporter": ("prometheus_node_exporter", "oml-prometheus_node_exporter-server"),
    "prometheus": ("prometheus", "prometheus-server"),
    "loki": ("loki", "loki-server"),
    "promtail": ("promtail", "promtail-server"),
    "homer": ("homer", "homer-server"),
    "heplify": ("heplify", "heplify-server"),
}


@pytest.mark.parametrize("component", NAMES)
def test_units_and_containers_keep_the_names_that_operators_know(component: str) -> None:
    each = service("enterprise", component)

    assert (each.unit, each.container) == NAMES[component]
    assert each.unit_file.path == f"/etc/systemd/system/{each.unit}.service"
    assert f"    --name={each.container} \\" in each.unit_file.content.decode().splitlines()


@pytest.mark.parametrize("component", NAMES)
def test_a_unit_has_the_form_of_the_old_tools(component: str) -> None:
    lines = service("enterprise", component).unit_file.content.decode().splitlines()

    assert [line for line in ALWAYS if line not in lines] == []


@pytest.mark.parametrize("case", INSTALLABLE)
def test_a_description_names_component_tag_and_tenant(case: str) -> None:
    for each in services(case):
        if each.image:
            words = f"Description=OMniLeads {each.component} {each.image.tag} of tenant {case}"
            assert words in each.unit_file.content.decode().splitlines()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_no_fault_with_any_unit(tmp_path: Path) -> None:
    paths = []
    for each in {s.unit: s for case in INSTALLABLE for s in services(case)}.values():
        paths.append(tmp_path / f"{each.unit}.service")
        paths[-1].write_bytes(each.unit_file.content)
    known = "Command .* is not executable|not found|Failed to (create|prepare)|man"

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, paths)], capture_output=True, text=True, check=False
    )
    faults = subprocess.run(["grep", "-vE", known], input=done.stderr, capture_output=True, text=True, check=False)

    assert [line for line in faults.stdout.splitlines() if str(tmp_path) in line] == []


@pytest.mark.parametrize(("argument", "written"), [("a%b$c", "a%%b$$c"), ("--x=1:2", "--x=1:2")])
def test_systemds_own_signs_are_escaped(argument: str, written: str) -> None:
    assert escaped(argument) == written


@pytest.mark.parametrize("argument", ["a b", 'a"b', "a\nb", "a'b", "a\\b"])
def test_an_argument_that_would_need_quotes_is_refused(argument: str) -> None:
    with pytest.raises(ValueError, match="argument"):
        escaped(argument)
