"""What a plan changes about components that run."""

from __future__ import annotations

from dataclasses import replace

from cutover.plan.diff import diff
from cutover.plan.observed import ContainerState, ObservedHost, Record
from cutover.plan.upgrade import Change, changes, started_on, tag_of, written
from tests.unit.plan.example import BARE, DESIRED, DIGEST, NGINX, SERVICE, UNIT

HOST = "omnileads_aio"
OLD = "sha256:" + "0d" * 32


def found(image: str, *, known: bool = True) -> ObservedHost:
    digests = {"docker.io/omnileads/nginx:230204.01": OLD} if known else {}
    containers = {"oml-nginx-server": ContainerState(image, "before", running=True)}
    return replace(BARE, containers=containers, record=Record(digests=digests))


def test_a_component_leaves_the_tag_that_the_record_knows_its_digest_by() -> None:
    observed = {HOST: found(f"{NGINX.name}@{OLD}")}
    (change,) = (each for each in changes(diff(DESIRED, observed), DESIRED, observed) if each.component == "nginx")
    assert change == Change(HOST, "nginx", "230204.01", "230215.01", "new on this host")


def test_an_image_that_no_record_knows_is_named_by_its_digest_and_none_by_nothing() -> None:
    assert tag_of(SERVICE, found(f"{NGINX.name}@{OLD}", known=False)) == OLD[:19]
    assert tag_of(SERVICE, BARE) == ""


def test_what_is_touched_on_a_host_is_every_file_that_is_written_there_and_every_service_that_is_started() -> None:
    plan = diff(DESIRED, {HOST: BARE})
    assert UNIT.path in written(plan.hosts[HOST])
    assert [service.component for service in started_on(plan, HOST)] == ["firewall", "nginx"]
    assert started_on(plan, "another") == ()


def test_the_digest_that_is_wished_is_not_taken_for_the_one_that_runs() -> None:
    assert tag_of(SERVICE, found(f"{NGINX.name}@{DIGEST}")) == DIGEST[:19]
