from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.plan.desired import DesiredState, File
from cutover.plan.diff import restarts
from cutover.plan.observed import ContainerState, FileState, ObservedHost, UnitState
from tests.unit.plan.example import (
    BARE,
    CERT,
    DESIRED,
    DIGEST,
    ENV,
    FIREWALL,
    KEY,
    NGINX,
    RULES,
    SERVICE,
    STATE,
    UNIT,
    applied,
    plan_for,
)


def actions(observed: ObservedHost, desired: DesiredState = DESIRED) -> list[str]:
    return [f"{row.component}: {row.action}" for row in plan_for(observed, desired).rows()]


def with_file(file: File) -> DesiredState:
    files = tuple(file if each.path == file.path else each for each in STATE.files)
    return replace(DESIRED, hosts={STATE.host: replace(STATE, files=files)})


def test_a_bare_host_needs_everything_in_the_order_of_its_execution() -> None:
    assert actions(BARE) == [
        "host: install package podman",
        "host: create account omnileads",
        "host: set time zone Europe/Berlin",
        "host: pull docker.io/omnileads/nginx:230215.01",
        "host: make directory /etc/omnileads",
        "host: write /etc/default/nginx.env",
        "host: write /etc/omnileads/certs/cert.pem",
        "host: write /etc/omnileads/certs/key.pem",
        "host: write /etc/cutover/firewall.nft",
        "host: write /etc/systemd/system/nginx.service",
        "host: write /etc/systemd/system/cutover-firewall.service",
        "host: create volume django_static",
        "host: enable nginx at boot",
        "host: enable cutover-firewall at boot",
        "nginx: start",
        "firewall: start",
        "databases: do once",
    ]


def test_w13_a_tenant_as_desired_has_an_empty_plan() -> None:
    assert plan_for(applied()).empty


def test_w13_a_changed_env_file_restarts_exactly_the_component_that_reads_it() -> None:
    changed = with_file(replace(ENV, content=b"ENV=other\n"))
    assert actions(applied(), changed) == [
        "host: write /etc/default/nginx.env",
        "host: write /etc/systemd/system/nginx.service",
        "nginx: start",
    ]


def test_a_changed_rule_reloads_the_firewall_and_nothing_else() -> None:
    changed = with_file(replace(RULES, content=b"table inet cutover { chain x {} }\n"))
    assert actions(applied(), changed) == ["host: write /etc/cutover/firewall.nft", "firewall: start"]


def test_w16_a_tag_that_means_another_image_now_is_pulled_and_started() -> None:
    other = "sha256:" + "cd" * 32
    unit = replace(UNIT, content=UNIT.content.replace(DIGEST.encode(), other.encode()))
    service = replace(STATE.services[0], unit_file=unit)
    state = replace(STATE, services=(service, STATE.services[1]))
    desired = replace(DESIRED, hosts={STATE.host: state}, digests={NGINX: other})
    assert actions(applied(), desired) == [
        "host: pull docker.io/omnileads/nginx:230215.01",
        "host: write /etc/systemd/system/nginx.service",
        "nginx: start",
    ]


def test_a_run_that_died_after_writing_files_restarts_what_still_runs_with_the_old_ones() -> None:
    done = applied()
    old = {"oml-nginx-server": ContainerState("x", "inputs of the former run", running=True)}
    assert actions(replace(done, containers=old)) == ["nginx: start"]


@pytest.mark.parametrize(
    ("units", "reason"),
    [
        ({}, "not running (no unit)"),
        ({"nginx": UnitState("failed", enabled=True, started=1)}, "not running (failed)"),
        ({"nginx": UnitState("inactive", enabled=True, started=1)}, "not running (inactive)"),
    ],
)
def test_a_service_that_does_not_run_is_started(units: dict[str, UnitState], reason: str) -> None:
    done = applied()
    firewall = {"cutover-firewall": done.units["cutover-firewall"]}
    starts = plan_for(replace(done, units={**firewall, **units})).hosts[STATE.host].starts
    assert [(start.service.component, start.reason) for start in starts] == [("nginx", reason)]


def test_a_service_whose_unit_was_never_there_is_new() -> None:
    assert {start.reason for start in plan_for(BARE).hosts[STATE.host].starts} == {"new on this host"}


def test_w31_files_made_once_are_kept_whatever_is_in_them() -> None:
    done = applied()
    files = {**done.files, CERT.path: FileState("the operator's own", 0o640, "root", "omnileads")}
    after = replace(done, files=files)
    assert [c.file.path for c in plan_for(after).hosts[STATE.host].files] == [UNIT.path]
    assert [s.service.component for s in plan_for(after).hosts[STATE.host].starts] == ["nginx"]


def test_a_key_pair_of_which_one_half_is_missing_is_made_anew() -> None:
    done = applied()
    files = {path: state for path, state in done.files.items() if path != KEY.path}
    written = [change.file.path for change in plan_for(replace(done, files=files)).hosts[STATE.host].files]
    assert written == [CERT.path, KEY.path, UNIT.path][: len(written)]
    assert {CERT.path, KEY.path} <= set(written)


def test_w24_a_file_with_the_wrong_mode_is_written_again() -> None:
    done = applied()
    files = {**done.files, ENV.path: replace(done.files[ENV.path], mode=0o666)}
    changes = plan_for(replace(done, files=files)).hosts[STATE.host].files
    assert [(c.file.path, c.reason) for c in changes] == [(ENV.path, "mode or owner differs (666 root:root)")]


def test_a_one_time_step_is_done_again_when_its_inputs_change() -> None:
    step = replace(DESIRED.one_time[0], inputs="2")
    assert actions(applied(), replace(DESIRED, one_time=(step,))) == ["databases: do once"]


def test_the_written_unit_carries_the_digest_of_its_inputs() -> None:
    plan = plan_for(BARE).hosts[STATE.host]
    unit = next(c.file for c in plan.files if c.file.path == UNIT.path)
    assert plan.starts[0].inputs.encode() in unit.content


def test_a_restart_starts_what_is_named_with_what_it_runs_with() -> None:
    found = applied()
    plan = restarts(DESIRED, {STATE.host: found}, ["nginx"], "asked for")
    (start,) = plan.hosts[STATE.host].starts
    assert (start.service.component, start.inputs) == ("nginx", found.containers["oml-nginx-server"].inputs)
    everything = restarts(DESIRED, {STATE.host: found}, [], "asked for")
    assert [each.service.component for each in everything.hosts[STATE.host].starts] == ["nginx", "firewall"]


def started_by_others(**changes: str) -> DesiredState:
    handed_over = replace(SERVICE, started=False)
    changed = replace(ENV, content=b"ENV=other\n") if changes else ENV
    files = tuple(changed if each.path == ENV.path else each for each in STATE.files)
    return replace(DESIRED, hosts={STATE.host: replace(STATE, services=(handed_over, FIREWALL), files=files)})


def test_what_others_start_is_started_nowhere_and_not_at_boot() -> None:
    assert "nginx: start" not in actions(BARE, started_by_others())
    assert "host: enable nginx at boot" not in actions(BARE, started_by_others())
    passive = replace(applied(desired=started_by_others()), containers={})
    passive = replace(passive, units={**passive.units, "nginx": UnitState("inactive", enabled=False, started=0)})
    assert actions(passive, started_by_others()) == []
    assert actions(passive, started_by_others(env="other")) == [
        "host: write /etc/default/nginx.env",
        "host: write /etc/systemd/system/nginx.service",
    ]


def test_what_others_start_is_restarted_where_it_runs_when_it_runs_with_something_else() -> None:
    active = applied(desired=started_by_others())
    assert actions(active, started_by_others()) == []
    assert "nginx: start" in actions(active, started_by_others(env="other"))
