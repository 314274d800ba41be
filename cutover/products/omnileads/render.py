"""
Templates become files.

Two kinds: env files, into which secrets go and which are not shell (no quotes, no expansion, one line a value), and
plain files, into which no secret goes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from cutover.errors import CutoverError, Finding
from cutover.secret import Secret

TEMPLATES = Path(__file__).parent / "components" / "templates"
_SEEN = "_secrets_seen"


def _environment(finalize: Callable[..., object]) -> Environment:
    return Environment(  # noqa: S701 - these are configuration files, not HTML
        loader=FileSystemLoader(TEMPLATES),
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _one_line(value: object) -> str:
    text = value.reveal() if isinstance(value, Secret) else str(value)
    if any(sign in text for sign in "\n\r\0"):
        raise ValueError("a value with a line break")
    return text


@pass_context
def _setting(context: Context, value: object) -> str:
    if value is None:
        raise ValueError("a value that nothing was said of")
    if isinstance(value, Secret):
        context[_SEEN].append(True)
    return _one_line(value)


def _plain(value: object) -> str:
    if isinstance(value, Secret):
        raise TypeError("a secret does not go into this file")
    return str(value)


_ENV = _environment(_setting)
_PLAIN = _environment(_plain)


def env_file(template: str, **values: Any) -> tuple[bytes, bool]:
    """
    Render an env file from `<template>.j2`; return its content and whether it holds a secret.

    Raises CutoverError when a value has a line break, which an env file cannot hold.
    """
    secrets: list[bool] = []
    try:
        text = _ENV.get_template(f"{template}.j2").render(values, **{_SEEN: secrets})
    except ValueError as error:
        todo = "write every value of the inventory on one line"
        raise CutoverError(Finding("CUT-420", f"{template} would hold {error}", template, todo=todo)) from None
    return text.encode(), bool(secrets)


def plain_file(template: str, **values: Any) -> bytes:
    """Render a file without secrets from `<template>.j2`; a secret in it is a mistake of ours (TypeError)."""
    return _PLAIN.get_template(f"{template}.j2").render(values).encode()
