"""Which tenants the forms of registered flows offer."""

from __future__ import annotations

from cutover.cli.server.registration import with_tenants


def test_a_flow_of_one_tenant_offers_those_of_now() -> None:
    schema = {"title": "Parameters", "properties": {"tenant": {"enum": ["old"], "type": "string"}, "why": {}}}
    offering = with_tenants(schema, ["acme", "other"])
    assert offering["properties"]["tenant"] == {"enum": ["acme", "other"], "type": "string"}
    assert schema["properties"] == {"tenant": {"enum": ["old"], "type": "string"}, "why": {}}


def test_a_flow_of_many_tenants_offers_those_of_now() -> None:
    schema = {"properties": {"tenants": {"type": "array", "items": {"enum": [], "type": "string"}}}}
    assert with_tenants(schema, ["acme"])["properties"]["tenants"]["items"]["enum"] == ["acme"]


def test_a_flow_without_a_choice_stays_as_it_is() -> None:
    schema = {"properties": {"tenant": {"type": "string"}}}
    assert with_tenants(schema, ["acme"]) == schema
