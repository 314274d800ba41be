from __future__ import annotations

from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]

from cutover.inventory.schema import inventory_schema
from tests.unit.inventory.loading import replaced
from tests.unit.inventory.texts import AIO, ALL

EXAMPLES = sorted((Path(__file__).parents[3] / "tenants").glob("example-*/inventory.yml"))


def accepts(text: str) -> bool:
    """Whether an editor that reads YAML as editors do finds nothing wrong."""
    checker = jsonschema.Draft202012Validator(inventory_schema())
    return not list(checker.iter_errors(yaml.safe_load(text)))


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_editors_accept_inventories_of_the_old_tool(text: str) -> None:
    assert accepts(text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_editors_accept_the_examples(path: Path) -> None:
    assert accepts(path.read_text())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("infra_env: cloud", "infra_env: clowd"),
        ("postgres_port: 5432", "postgres_port: 99999"),
        ("SCA: 3600", "SCAA: 3600"),
        ("ami_user: omnileads", "ami_user: {env: AMI}"),
        ("ami_password: ami-iK4gee9eeT", "ami_password: {envi: AMI}"),
        ("  vars:", "  var:"),
    ],
)
def test_editors_find_what_cutover_refuses(before: str, after: str) -> None:
    assert not accepts(replaced(AIO, (before, after)))


def test_every_variable_is_described() -> None:
    variables = inventory_schema()["$defs"]["variables"]["properties"]
    assert not [name for name, schema in variables.items() if not schema.get("description")]
