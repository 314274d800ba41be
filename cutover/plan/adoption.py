"""Hosts that another tool has installed: how what stands there compares with what the inventory says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a variable of an env file compares."""

    SAME = "as the inventory says"
    OTHER = "another value"
    UNKNOWN = "nothing in the inventory gives it"
    ADDED = "not there"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of an env file, by name; its value may be a secret and is never kept."""

    path: str
    name: str
    kind: Kind


def variables(content: str) -> dict[str, str]:
    """Return what an env file sets: `NAME=value` a line; podman takes the last of several."""
    lines = (line.strip() for line in content.splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value for name, value in pairs}


def compare(path: str, there: str, wished: str) -> tuple[Variable, ...]:
    """Return how every variable of an env file on a host compares with what would stand there, by name."""
    old, new = variables(there), variables(wished)
    return tuple(Variable(path, name, _kind(name, old, new)) for name in sorted(old.keys() | new.keys()))


def _kind(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> Kind:
    if name not in new:
        return Kind.UNKNOWN
    if name not in old:
        return Kind.ADDED
    return Kind.SAME if old[name] == new[name] else Kind.OTHER


def pins(running: Iterable[tuple[str, tuple[str, ...]]], resolved: Mapping[str, str]) -> dict[str, str]:
    """
    Return the digest of every running image by name and tag, as a record holds them.

    Given each image as it was named when it started with every `name@digest` it is known by, and what tags mean at the
    registry now (`resolved`): that digest where the image has it, else one of its own. An image that no registry knows
    is left out.
    """
    found: dict[str, str] = {}
    for image, known in running:
        name = image.partition("@")[0].rpartition(":")[0] or image
        own = [digest for each, _, digest in (one.partition("@") for one in known) if each == name and digest]
        if own:
            found[image] = resolved[image] if resolved.get(image) in own else own[0]
    return found
