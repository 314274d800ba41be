from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow
from prefect.cli.deploy._models import DeploymentConfig, PrefectYamlModel, WorkPoolConfig
from ruamel.yaml import YAML

from cutover.cli.server.settings import POOL

FILE: dict[str, Any] = YAML(typ="safe").load((Path(__file__).parents[3] / "prefect.yaml").read_text())
DEPLOYMENTS: list[dict[str, Any]] = FILE["deployments"]
NAMES = [each["name"] for each in DEPLOYMENTS]
OF_ALL_TENANTS = ("backup-fleet", "drift-fleet", "upgrade-fleet")
OF_ONE_TENANT = [each for each in DEPLOYMENTS if each["name"] not in OF_ALL_TENANTS]
NAMES_OF_ONE = [each["name"] for each in OF_ONE_TENANT]


def flow_of(deployment: dict[str, Any]) -> Any:
    module, _, name = deployment["entrypoint"].partition(":")
    return getattr(import_module(module), name)


def test_every_key_at_the_top_is_known() -> None:
    assert set(FILE) <= set(PrefectYamlModel.model_fields) | {"definitions"}


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=NAMES)
def test_every_key_is_known_for_prefect_ignores_the_others_silently(deployment: dict[str, Any]) -> None:
    assert set(deployment) <= set(DeploymentConfig.model_fields)
    assert set(deployment["work_pool"]) <= set(WorkPoolConfig.model_fields)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=NAMES)
def test_every_entrypoint_is_a_module_and_a_flow_of_the_same_name(deployment: dict[str, Any]) -> None:
    assert "/" not in deployment["entrypoint"]
    flow = flow_of(deployment)
    assert isinstance(flow, Flow)
    assert flow.name == deployment["name"]


@pytest.mark.parametrize("deployment", OF_ONE_TENANT, ids=NAMES_OF_ONE)
def test_the_tenant_is_required_and_chosen_from_a_list(deployment: dict[str, Any]) -> None:
    schema = flow_of(deployment).parameters
    assert schema.required == ["tenant"]
    assert isinstance(schema.properties["tenant"]["enum"], list)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=NAMES)
def test_every_field_of_the_form_is_described_and_checked_by_the_server(deployment: dict[str, Any]) -> None:
    fields = flow_of(deployment).parameters.properties
    assert [name for name, field in fields.items() if not field.get("description")] == []
    assert deployment["enforce_parameter_schema"] is True


@pytest.mark.parametrize("deployment", [each for each in DEPLOYMENTS if each["name"] in OF_ALL_TENANTS])
def test_a_run_on_all_tenants_needs_no_parameter_and_may_be_given_some_from_the_list(
    deployment: dict[str, Any],
) -> None:
    schema = flow_of(deployment).parameters
    assert schema.required in (None, [])
    assert isinstance(schema.properties["tenants"]["items"]["enum"], list)


@pytest.mark.parametrize("deployment", OF_ONE_TENANT, ids=NAMES_OF_ONE)
def test_the_parameters_fit_the_flow(deployment: dict[str, Any]) -> None:
    flow_of(deployment).validate_parameters({"tenant": "acme"} | deployment.get("parameters", {}))


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=NAMES)
def test_every_deployment_is_in_the_pool_of_the_worker_and_tagged_with_its_operation(
    deployment: dict[str, Any],
) -> None:
    assert deployment["work_pool"]["name"] == POOL
    assert f"op:{deployment['name']}" in deployment["tags"]
