"""Which components a tenant's hosts run, in which order, from which images."""

from __future__ import annotations

from dataclasses import replace
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from cutover.errors import CutoverError
from cutover.plan.observed import OperatingSystem
from cutover.products.omnileads import component_names, desired, findings, images, typical_systems
from cutover.products.omnileads.catalogue import CATALOGUE, placed
from tests.unit.products.omnileads.cases import INSTALLABLE, digests, service, services, state, tenant

DATA = ["firewall", "minio", "postgresql", "postgres_exporter", "redis", "redis_exporter", "node_exporter"]
VOICE = ["firewall", "rtpengine", "asterisk", "node_exporter", "promtail", "heplify", "homer"]
APP = ["firewall", "kamailio", "websockets", "django", "daphne", "cron", "nginx", "node_exporter", "prometheus"]
SQL = ["firewall", "postgresql_pair", "repmgrd"]
HA_VOICE = ["firewall", "sentinel", "rtpengine", "asterisk", "keepalived_voice", "node_exporter", "promtail"]
HA_APP = [
    *("firewall", "redis", "redis_exporter", "kamailio", "websockets", "django", "daphne", "cron", "nginx"),
    *("keepalived_app", "node_exporter", "promtail"),
]

PLACEMENT: dict[str, dict[str, list[str]]] = {
    "aio": {
        "omnileads_aio": [
            *DATA[:-1],
            *("rtpengine", "asterisk", "kamailio", "websockets", "django", "daphne", "cron", "nginx", "node_exporter"),
        ]
    },
    "ait": {
        "omnileads_data": [*DATA, "loki", "promtail"],
        "omnileads_voice": VOICE,
        "omnileads_app": [*APP, "promtail"],
    },
    "cloud-url": {
        "omnileads_aio": [
            *("firewall", "redis", "redis_exporter", "rtpengine", "asterisk", "kamailio", "websockets", "django"),
            *("daphne", "cron", "nginx", "node_exporter", "promtail"),
        ]
    },
    "cloud-aws": {
        "omnileads_data": ["firewall", "redis", "redis_exporter", "node_exporter", "loki", "promtail"],
        "omnileads_voice": VOICE,
        "omnileads_app": [*APP, "promtail"],
    },
    "ha": {
        **dict.fromkeys(("sql_1", "sql_2"), SQL),
        **dict.fromkeys(("voice_1", "voice_2"), HA_VOICE),
        **dict.fromkeys(("app_1", "app_2"), HA_APP),
        "haproxy_1": [
            *("firewall", "witness", "repmgrd", "sentinel", "haproxy", "keepalived_haproxy", "node_exporter"),
            "promtail",
        ],
        "haproxy_2": ["firewall", "haproxy", "keepalived_haproxy", "node_exporter", "promtail"],
    },
    "enterprise": {
        "omnileads_data": [*DATA[1:], "loki", "promtail"],
        "omnileads_voice": VOICE[1:],
        "omnileads_app": [*APP[1:6], "redis2postgres", *APP[6:], "promtail"],
    },
}


@pytest.mark.parametrize("case", INSTALLABLE)
def test_each_host_runs_what_its_role_says(case: str) -> None:
    found = {name: [service.component for service in host.services] for name, host in state(case).hosts.items()}

    assert found == PLACEMENT[case]


def test_redis_and_sentinel_of_a_pair_come_from_images_that_know_pairs() -> None:
    found = {str(image) for image in images(tenant("ha"))}

    assert {"docker.io/omnileads/redis:develop", "docker.io/omnileads/redis_sentinel:develop"} < found
    assert "docker.io/library/haproxy:2.0-buster" in found
    assert not [image for image in found if "redisgears" in image or "postgres:" in image or "minio" in image]


@pytest.mark.parametrize("case", INSTALLABLE)
def test_what_a_component_waits_for_exists_and_no_two_wait_for_each_other(case: str) -> None:
    graph = {each.component: each.after for each in services(case)}
    graph |= {step.name: step.after for step in state(case).one_time}

    order = list(TopologicalSorter(graph).static_order())

    known = {*component_names(), "databases", "bucket", "admin password", *(step.name for step in state(case).one_time)}
    assert set(order) <= known


@pytest.mark.parametrize(
    ("component", "needs"),
    [
        ("kamailio", {"redis", "rtpengine"}),
        ("django", {"postgresql", "redis", "minio", "databases", "bucket"}),
        ("daphne", {"django"}),
        ("cron", {"django"}),
        ("nginx", {"django"}),
        ("asterisk", {"postgresql", "redis"}),
        ("websockets", {"redis"}),
        ("minio", set()),
        ("rtpengine", set()),
        ("firewall", set()),
    ],
)
def test_w14_a_component_starts_when_what_it_needs_answers(component: str, needs: set[str]) -> None:
    there = {each.component for each in services("ait")} | {step.name for step in state("ait").one_time} | {"bucket"}
    assert service("ait", component).after & there - {"firewall"} == needs


@pytest.mark.parametrize("case", [case for case in INSTALLABLE if case != "enterprise"])
def test_everything_waits_for_the_firewall_which_would_drop_replies_to_what_was_open_before_it(case: str) -> None:
    assert {each.component for each in services(case) if "firewall" not in each.after} == {"firewall"}


def test_where_the_firewall_is_not_ours_nobody_waits_for_it() -> None:
    assert service("enterprise", "redis").after == frozenset()


@pytest.mark.parametrize("case", INSTALLABLE)
def test_w14_every_component_has_a_functional_gate_with_a_deadline(case: str) -> None:
    assert [each.component for each in services(case) if not each.gate.probes] == []
    assert [each.component for each in services(case) if not 10 <= each.gate.deadline <= 900] == []
    assert service(case, "django").gate.deadline >= 300


@pytest.mark.parametrize("case", INSTALLABLE)
def test_w16_a_unit_runs_exactly_the_digest_that_was_resolved(case: str) -> None:
    for each in services(case):
        text = each.unit_file.content.decode()
        if each.image is None:
            assert each.container is None
            continue
        assert f"    {each.image.name}@{digests(tenant(case))[each.image]}" in text
        assert f":{each.image.tag}" not in text


@pytest.mark.parametrize("case", INSTALLABLE)
def test_the_images_are_those_of_the_services(case: str) -> None:
    assert images(tenant(case)) == {each.image for each in services(case) if each.image}


def test_the_enterprise_build_and_namespace_are_djangos_alone() -> None:
    assert str(service("enterprise", "django").image) == "docker.io/example/omlapp:1.26.0-enterprise"
    assert str(service("enterprise", "daphne").image) == "docker.io/omnileads/omlapp:1.26.0"
    assert str(service("enterprise", "cron").image) == "docker.io/omnileads/omlapp:1.26.0"


def test_w31_the_tuning_file_is_there_whenever_it_is_mounted() -> None:
    host = state("enterprise").hosts["omnileads_app"]
    tuning = [file for file in host.files if file.path == "/etc/omnileads/uwsgi.ini"]

    assert b"--volume=/etc/omnileads/uwsgi.ini:" in service("enterprise", "django").unit_file.content
    assert [(file.once, b"processes = 50" in file.content) for file in tuning] == [("/etc/omnileads/uwsgi.ini", True)]
    assert b"uwsgi.ini" not in service("aio", "django").unit_file.content


@pytest.mark.parametrize("case", INSTALLABLE)
def test_whatever_is_mounted_from_the_host_is_made_by_cutover_or_part_of_every_host(case: str) -> None:
    for host in state(case).hosts.values():
        known = {"/", "/var/log", *(file.path for file in host.files), *(made.path for made in host.directories)}
        for each in host.services:
            lines = [line.strip(" \\") for line in each.unit_file.content.decode().splitlines()]
            mounted = {line.removeprefix("--volume=").split(":")[0] for line in lines if line.startswith("--volume=/")}
            assert mounted <= known, each.component


@pytest.mark.parametrize("case", INSTALLABLE)
def test_named_volumes_are_created_before_units_that_share_them_race(case: str) -> None:
    for each in services(case):
        text = each.unit_file.content.decode()
        assert [volume for volume in each.volumes if f"--volume={volume}:" not in text] == []
        assert text.count("--volume=") - text.count("--volume=/") == len(each.volumes)


@pytest.mark.parametrize("case", INSTALLABLE)
def test_a_restart_is_asked_for_by_files_that_are_written(case: str) -> None:
    for host in state(case).hosts.values():
        written = {file.path for file in host.files}
        assert [path for each in host.services for path in each.inputs if path not in written] == []


def test_the_operators_dialplan_does_not_restart_asterisk() -> None:
    assert service("aio", "asterisk").inputs == ("/etc/default/asterisk.env",)


def test_nginx_and_kamailio_run_with_the_key_pair() -> None:
    pair = {"/etc/omnileads/certs/cert.pem", "/etc/omnileads/certs/key.pem"}

    assert pair < set(service("ait", "nginx").inputs)
    assert pair < set(service("ait", "kamailio").inputs)


def test_w29_exporters_must_have_reached_what_they_watch() -> None:
    assert "pg_up 1" in str(service("aio", "postgres_exporter").gate)
    assert "redis_up 1" in str(service("aio", "redis_exporter").gate)


def test_w29_the_node_exporter_reads_the_host_and_cannot_write_to_it() -> None:
    text = service("aio", "node_exporter").unit_file.content

    assert b"--volume=/:/host:ro,rslave" in text
    assert b"--path.rootfs=/host" in text


def test_w29_loki_keeps_its_data_in_a_volume() -> None:
    config = next(file.content for file in state("ait").hosts["omnileads_data"].files if file.path.endswith("loki.yml"))

    assert service("ait", "loki").volumes == ("oml_loki",)
    assert b"/tmp" not in config


@pytest.mark.parametrize(
    ("host", "volumes"),
    [
        ("omnileads_data", set()),
        ("omnileads_voice", {"asterisk_logs"}),
        ("omnileads_app", {"django_logs", "nginx_logs"}),
    ],
)
def test_w29_promtail_mounts_the_logs_that_the_host_has(host: str, volumes: set[str]) -> None:
    here = state("ait").hosts[host]
    promtail = next(each for each in here.services if each.component == "promtail")
    others = {volume for each in here.services if each is not promtail for volume in each.volumes}

    assert set(promtail.volumes) == volumes | {"oml_promtail"}
    assert volumes <= others


def test_an_unsupported_operating_system_is_refused_with_all_hosts_together() -> None:
    of = tenant("ait")
    systems = {host.name: OperatingSystem("centos", "7", "redhat") for host in of.hosts}

    with pytest.raises(CutoverError) as raised:
        desired(of, digests(of), systems)
    assert [finding.code for finding in raised.value.findings] == ["CUT-430"] * 3


@pytest.mark.parametrize("case", INSTALLABLE)
def test_two_renderings_are_equal_but_for_the_fresh_key_pair(case: str) -> None:
    again = desired(tenant(case), digests(tenant(case)), typical_systems(tenant(case)))

    for name, host in state(case).hosts.items():
        other = again.hosts[name]
        assert [f for f in host.files if f.once != "tls"] == [f for f in other.files if f.once != "tls"]
        assert replace(host, files=()) == replace(other, files=())


@pytest.mark.parametrize("case", INSTALLABLE)
def test_w32_the_emulated_telephone_network_is_left_on_no_host(case: str) -> None:
    assert not [host for host in tenant(case).hosts for each in placed(tenant(case), host) if each.name == "pstn"]


def test_no_component_is_listed_twice() -> None:
    assert len(component_names()) == len(set(component_names())) == len(CATALOGUE) + 1


def test_a_known_release_is_not_doubtful() -> None:
    assert findings(tenant("aio")) == ()


@pytest.mark.parametrize("component", ["asterisk", "nginx", "kamailio", "websockets", "rtpengine"])
def test_another_tag_for_one_component_changes_that_component_alone(component: str) -> None:
    of = tenant("aio")
    other = replace(of, variables=of.variables.model_copy(update={f"{component}_version": "999999.01"}))
    before, after = (desired(each, digests(each), typical_systems(each)).hosts["omnileads_aio"] for each in (of, other))

    changed = {new.component for old, new in zip(before.services, after.services, strict=True) if new != old}
    assert changed == {component}
    assert [file for file in before.files if file.once != "tls"] == [file for file in after.files if file.once != "tls"]


def test_an_ha_tenant_without_its_own_kamailio_configuration_is_refused(tmp_path: Path) -> None:
    lacking = replace(tenant("ha"), folder=tmp_path)
    with pytest.raises(CutoverError) as raised:
        desired(lacking, digests(lacking), typical_systems(lacking))
    assert {finding.code for finding in raised.value.findings} == {"CUT-422"}
    (tmp_path / "kamailio.cfg").write_bytes(b"#!KAMAILIO\n")
    (file,) = (
        each
        for each in desired(lacking, digests(lacking), typical_systems(lacking)).hosts["app_2"].files
        if each.path.endswith("kamailio.cfg")
    )
    assert (file.content, file.mode, file.secret) == (b"#!KAMAILIO\n", 0o600, True)
