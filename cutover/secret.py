"""The type of every secret: it shows asterisks wherever it is formatted and opens only on request."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NoReturn

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema


def without(text: str, secrets: Iterable[Secret]) -> str:
    """Return a text with asterisks where a secret stood: a component may print what it was given."""
    for secret in sorted(secrets, key=lambda each: -len(each.reveal())):
        if secret.reveal():
            text = text.replace(secret.reveal(), str(secret))
    return text


class Secret:
    """A secret text. Printing, formatting and serialising it gives asterisks; pickling it is refused."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself, for the one place that has to write it down."""
        return self._value

    def derived(self, purpose: str) -> Secret:
        """Return another secret for a purpose, the same each time, from which this one cannot be found."""
        return Secret(hmac.new(self._value.encode(), purpose.encode(), sha256).hexdigest()[:40])

    def __repr__(self) -> str:
        return "Secret('**********')"

    def __str__(self) -> str:
        return "**********"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic models take a string or a `Secret`, and dump asterisks."""
        return core_schema.no_info_plain_validator_function(
            cls._validated, serialization=core_schema.plain_serializer_function_ser_schema(str, when_used="always")
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "writeOnly": True}

    @classmethod
    def _validated(cls, value: object) -> Secret:
        if isinstance(value, Secret):
            return value
        if isinstance(value, str):
            return cls(value)
        raise ValueError("a secret is a text")
