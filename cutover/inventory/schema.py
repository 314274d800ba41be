"""The JSON Schema of an inventory, made from the models: editors check and complete with it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from cutover.inventory.facts import HOST, TENANT, Facts
from cutover.inventory.variables import HostVariables, Variables

Schema = dict[str, Any]

_REFERENCE: Schema = {
    "description": "Where a secret is: an environment variable, a file of mode 0600, or a Prefect Secret block.",
    "type": "object",
    "properties": {each: {"type": "string"} for each in ("env", "file", "prefect")},
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}


def inventory_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of an `inventory.yml`."""
    host, tenant = properties(HostVariables, HOST), properties(Variables, TENANT)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Inventory of a tenant",
        "type": "object",
        "required": ["all"],
        "additionalProperties": {"$ref": "#/$defs/group"},
        "$defs": {
            "group": _group(),
            "variables": {
                "type": ["object", "null"],
                "properties": host | tenant,
                "additionalProperties": False,
            },
            "reference": _REFERENCE,
        },
    }


def properties(model: type[BaseModel], facts: Facts) -> Schema:
    """Return the schema of each variable of a model, under all its names."""
    made: Schema = {}
    for name, written in model.model_json_schema()["properties"].items():
        schema = {key: value for key, value in written.items() if key != "title"}
        if name in facts.secrets:
            schema = _secret(schema)
        if name in facts.unused:
            schema = {key: value for key, value in schema.items() if key in ("description", "deprecated")}
        made[name] = schema
        made |= dict.fromkeys(facts.about[name].aliases, schema)
    return made


def _group() -> Schema:
    groups = {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/group"}}
    hosts = {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/variables"}}
    return {
        "type": ["object", "null"],
        "properties": {"hosts": hosts, "children": groups, "vars": {"$ref": "#/$defs/variables"}},
        "additionalProperties": False,
    }


def _secret(schema: Schema) -> Schema:
    said = {key: value for key, value in schema.items() if key in ("description", "default")}
    return said | {"anyOf": [{"type": ["string", "number", "null"]}, {"$ref": "#/$defs/reference"}]}
