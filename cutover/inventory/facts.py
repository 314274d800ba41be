"""What the two models say about their variables, looked up once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cutover.inventory.kinds import About
from cutover.inventory.variables import HostVariables, Variables
from cutover.secret import Secret

FIXED = frozenset(
    {
        "container_image_registry",
        "django_deploy_path",
        "INSTALL_PREFIX",
        "websocket_port",
        "uwsgi_port",
        "daphne_port",
        "redisgears_version",
        "redis_ha_version",
        "minio_version",
        "haproxy_version",
        "redis2postgres_version",
        "postgres_homer_db",
        "homer_enable",
        "schedule",
        "MONITORFORMAT",
        "certs_location",
        "asterisk_location_conf",
    }
)
"""Variables of the old tool's own files, never of an inventory."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The variables of one model by what they hold."""

    names: frozenset[str]
    about: dict[str, About]
    secrets: frozenset[str]
    lists: frozenset[str]
    choices: dict[str, tuple[str, ...]]
    booleans: frozenset[str]
    unused: frozenset[str]


def _parts(annotation: Any) -> set[Any]:
    """Return everything a type is made of."""
    return {annotation, get_origin(annotation)}.union(*(_parts(each) for each in get_args(annotation)))


def _choices(field: FieldInfo) -> tuple[str, ...]:
    parts = {field.annotation, *get_args(field.annotation)}
    if bool in parts:
        return ("true", "false")
    return tuple(str(each) for part in parts if get_origin(part) is Literal for each in get_args(part))


def _about(field: FieldInfo) -> About:
    return next(each for each in field.metadata if isinstance(each, About))


def _facts(model: type[BaseModel]) -> Facts:
    fields = model.model_fields
    kinds = {name: _parts(field.annotation) for name, field in fields.items()}
    about = {name: _about(field) for name, field in fields.items()}
    return Facts(
        names=frozenset(fields),
        about=about,
        secrets=frozenset(name for name, parts in kinds.items() if Secret in parts),
        lists=frozenset(name for name, parts in kinds.items() if tuple in parts),
        choices={name: choices for name, field in fields.items() if (choices := _choices(field))},
        booleans=frozenset(name for name, parts in kinds.items() if bool in parts),
        unused=frozenset(name for name, each in about.items() if each.unused),
    )


HOST = _facts(HostVariables)
TENANT = _facts(Variables)

_ALIASES = {alias: name for facts in (HOST, TENANT) for name, about in facts.about.items() for alias in about.aliases}


def canonical(name: str) -> str:
    """Return the name a variable has in the models."""
    return _ALIASES.get(name, name)
