from __future__ import annotations

from cutover.cli.runs.request import Request


def test_an_operation_on_a_tenant_is_named_and_tagged_with_it() -> None:
    asked = Request("restore", "acme", {"backup": "latest"})
    assert asked.name == "restore acme"
    assert asked.tags == ["op:restore", "tenant:acme"]
    assert asked.parameters == {"tenant": "acme", "backup": "latest"}


def test_an_operation_on_many_names_no_tenant() -> None:
    asked = Request("backup-fleet", more={"at_once": 5})
    assert (asked.name, asked.tags, asked.parameters) == ("backup-fleet", ["op:backup-fleet"], {"at_once": 5})
