"""
YAML text with the place of every key and value.

Scalars stay texts: whether `230204.10` is a tag or a number is known to the variable, not to YAML, which would drop
the zero. libyaml does the reading, because a controller has hundreds of inventories.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml  # type: ignore[import-untyped]

from cutover.inventory.codes import Code
from cutover.inventory.report import Mark, Report

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_DEEPEST = 20
_QUOTING = "put values that hold any of : # { } [ ] , & * ! | > ' \" % @ ` between single quotes"
_PLAIN_TAGS = "tag:yaml.org,2002:"
_UNSAFE = "!unsafe"


@dataclass(slots=True)
class Scalar:
    """A single value. `literal` is Ansible's `!unsafe`: the text is meant as it stands."""

    text: str
    plain: bool
    mark: Mark
    literal: bool = False

    @property
    def null(self) -> bool:
        """Whether YAML takes this for no value."""
        return self.plain and self.text in _NULL


@dataclass(slots=True)
class Listing:
    """A list of values."""

    values: list[Value]
    mark: Mark


@dataclass(slots=True)
class Item:
    """A key and its value."""

    key: Scalar
    value: Value


@dataclass(slots=True)
class Mapping:
    """Keys and values, each key once."""

    items: dict[str, Item]
    mark: Mark


Value: TypeAlias = Scalar | Listing | Mapping


def read(text: str, report: Report) -> Value | None:
    """Return the one document of a YAML text. What is wrong goes to the report; None when nothing can be read."""
    try:
        node = _Parser(text).get_single_node()
    except yaml.YAMLError as error:
        problem, mark = _explained(error)
    else:
        return None if node is None else _Reader(report).value(node, 0)
    report.error(Code.SYNTAX, mark, "this is not YAML", problem, _QUOTING)
    return None


class _Parser(yaml.cyaml.CParser):  # type: ignore[misc]
    """libyaml alone: which type a plain value has is not asked."""

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        return _PLAIN_TAGS

    def descend_resolver(self, parent: object, index: object) -> None:
        """Types do not depend on the place."""

    def ascend_resolver(self) -> None:
        """Types do not depend on the place."""


def same(one: Value, other: Value) -> bool:
    """Return whether two values say the same."""
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return one.text == other.text and one.null == other.null
    if isinstance(one, Listing) and isinstance(other, Listing):
        return len(one.values) == len(other.values) and all(map(same, one.values, other.values))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.items.keys() == other.items.keys() and all(
            same(item.value, other.items[key].value) for key, item in one.items.items()
        )
    return False


def _explained(error: Any) -> tuple[str, Mark | None]:
    """Return libyaml's words without anything quoted from the file: it may be a secret."""
    problem = getattr(error, "problem", None) or "it holds a character that is not allowed"
    if isinstance(error, yaml.composer.ComposerError):
        problem = "it holds a second document" if "document" in problem else "a value begins with * or &"
    end, begin = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    mark = begin if begin and "end of stream" in problem else end or begin
    return re.sub(r"""(["']).{2,}\1""", "…", problem), mark


class _Reader:
    """Turns libyaml's nodes into values, and finds what no inventory may hold."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.anchored: dict[int, Value | None] = {}

    def value(self, node: Any, depth: int) -> Value:
        """Return the value of a node; an alias gives the value it stands for."""
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        name = id(node)
        if depth > _DEEPEST or (name in self.anchored and self.anchored[name] is None):
            self.report.error(Code.SHAPE, node.start_mark, "this is nested without end", "", "remove the alias")
            return Scalar("", True, node.start_mark)
        known = self.anchored.get(name)
        if known is not None:
            return known
        self.anchored[name] = None
        made = self.listing(node, depth) if isinstance(node, yaml.SequenceNode) else self.mapping(node, depth)
        self.anchored[name] = made
        return made

    def scalar(self, node: Any) -> Scalar:
        """Return a scalar; a tag other than YAML's own is refused."""
        tag = node.tag
        literal = tag == _UNSAFE
        if not literal and not tag.startswith(_PLAIN_TAGS):
            vault = tag == "!vault"
            self.report.error(
                Code.TEMPLATE,
                node.start_mark,
                "this is encrypted with Ansible Vault" if vault else "this value has a tag",
                "only Ansible can open it" if vault else "an inventory holds plain values",
                "refer to the secret: {env: NAME}, {file: path} or {prefect: block}",
            )
            return Scalar("", True, node.start_mark)
        return Scalar(node.value, not node.style, node.start_mark, literal)

    def listing(self, node: Any, depth: int) -> Listing:
        """Return a list."""
        return Listing([self.value(each, depth + 1) for each in node.value], node.start_mark)

    def mapping(self, node: Any, depth: int) -> Mapping:
        """Return a mapping; merge keys are followed, a repeated key is found."""
        items: dict[str, Item] = {}
        merged: list[Value] = []
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.not_a_key(key_node)
                continue
            value = self.value(value_node, depth + 1)
            name = key_node.value
            if name == "<<":
                merged += value.values if isinstance(value, Listing) else [value]
            elif name in items:
                self.repeated(key_node, items[name], value)
            else:
                items[name] = Item(Scalar(name, not key_node.style, key_node.start_mark), value)
        for each in merged:
            if isinstance(each, Mapping):
                items = each.items | items
        return Mapping(items, node.start_mark)

    def repeated(self, key_node: Any, first: Item, value: Value) -> None:
        """Find a key that stands twice: harmless when both say the same."""
        name, before = key_node.value, first.key.mark.line + 1
        if same(first.value, value):
            self.report.warn(Code.REPEATED, key_node.start_mark, f"`{name}` is also in line {before}", "", "remove one")
        else:
            why = "YAML would silently take the last one"
            what = f"`{name}` is also in line {before}, with another value"
            self.report.error(Code.TWICE, key_node.start_mark, what, why, "keep the right one")

    def not_a_key(self, node: Any) -> None:
        """Find a mapping where a key should be: nearly always a template without quotes."""
        self.report.error(
            Code.TEMPLATE,
            node.start_mark,
            "this is a template, or braces stand where a value should be",
            "inventories are read without Ansible",
            "write the value itself",
        )
