"""What is done once in a tenant's life."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.inventory import Tenant
from cutover.products.omnileads import bootstrap
from cutover.products.omnileads.bootstrap import Database
from tests.unit.products.omnileads.cases import INSTALLABLE, state, tenant


def with_variables(case: str, **changes: Any) -> Tenant:
    return replace(tenant(case), variables=tenant(case).variables.model_copy(update=changes))


@pytest.mark.parametrize("case", INSTALLABLE)
def test_the_application_and_homer_get_their_databases(case: str) -> None:
    assert bootstrap.databases(tenant(case)) == (Database("omnileads", ("plperl",)), Database("homer7"))


def test_w28_plperl_does_not_depend_on_a_restore_variable() -> None:
    of = with_variables("aio", restore_file_timestamp="1681215859")

    assert bootstrap.databases(of)[0].extensions == ("plperl",)


def test_databases_that_come_with_their_data_are_not_created() -> None:
    of = with_variables("aio", upgrade_from_oml_1=True)

    assert bootstrap.databases(of) == ()
    assert "databases" not in [step.name for step in bootstrap.one_time(of)]


def test_an_outside_bucket_is_not_made() -> None:
    assert bootstrap.bucket(tenant("cloud-url")) == ()
    assert [step.name for step in bootstrap.one_time(tenant("cloud-url"))] == ["admin password", "databases"]


def test_w22_no_secret_is_in_a_command() -> None:
    for fed in bootstrap.bucket(tenant("aio")):
        assert "canary" not in " ".join(fed.command)
    assert "canary" not in repr(bootstrap.bucket(tenant("aio")))


def test_w33_the_bucket_is_made_with_the_client_inside_the_image_and_nothing_is_downloaded() -> None:
    assert {fed.container for fed in bootstrap.bucket(tenant("aio"))} == {"oml-minio-server"}


def test_the_bucket_is_made_by_root_for_the_application() -> None:
    alias, bucket, user, policy = bootstrap.bucket(tenant("aio"))

    assert alias.stdin.reveal() == "omnileads\ncanary-Minio-Root\n"
    assert bucket.command[-1] == "own/omnileads"
    assert user.stdin.reveal() == "canary-BucketAccess\ncanary-Bucket/Secret+1\n"
    assert "readwrite" in policy.command[-1]


def test_steps_are_done_where_the_component_is_and_after_it_answers() -> None:
    steps = {step.name: (step.host, set(step.after)) for step in state("ait").one_time}

    assert steps == {
        "databases": ("omnileads_app", {"firewall", "postgresql", "postgresql_pair"}),
        "bucket": ("omnileads_data", {"minio"}),
        "admin password": ("omnileads_app", {"django"}),
    }


def test_new_keys_ask_for_the_bucket_step_again_and_nothing_else_does() -> None:
    one = {step.name: step.inputs for step in bootstrap.one_time(tenant("aio"))}
    other = {step.name: step.inputs for step in bootstrap.one_time(with_variables("aio", ami_user="other"))}
    renamed = {step.name: step.inputs for step in bootstrap.one_time(with_variables("aio", bucket_name="other"))}

    assert one == other
    assert {name for name in one if one[name] != renamed[name]} == {"bucket"}
    assert "canary" not in str(one)
