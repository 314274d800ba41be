"""From what is written to what the models take: texts, secrets, references; everything wrong is found."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as Lookup
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import available_timezones

from pydantic import BaseModel, ValidationError

from cutover.inventory.codes import Code
from cutover.inventory.document import Item, Listing, Mapping, Scalar
from cutover.inventory.facts import Facts
from cutover.inventory.published import published
from cutover.inventory.references import References
from cutover.inventory.report import Mark, Report, nearest
from cutover.secret import Secret

_OLD_BOOLEANS = frozenset({"yes", "no", "on", "off", "y", "n", "t", "f", "1", "0"})
_TRUE = frozenset({"true", "yes", "on", "y", "t", "1"})
_TEMPLATE = re.compile(r"\{\{|\{%|\{#")
_OTHER_HOST = re.compile(
    r"""\s*\{\{\s*hostvars(?:\.(\w+)|\[\s*["'](\w+)["']\s*\])(?:\.(\w+)|\[\s*["'](\w+)["']\s*\])\s*\}\}\s*"""
)
_DECIDES = frozenset({"postgres_host", "bucket_url"})
_AS_JSON = "google_maps_center"


@dataclass(slots=True)
class Given:
    """
    The variables of one model that an inventory gives, ready for the model.

    `items` says where each was written; `wrong` are those that were given but unusable, so they are not missing.
    """

    values: dict[str, Any] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)

    def has(self, name: str) -> bool:
        """Whether the variable was given, rightly or wrongly."""
        return name in self.values or name in self.wrong

    def text(self, name: str) -> str | None:
        """Return the text given for a variable that is no secret."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    def mark(self, name: str) -> Mark | None:
        """Return where the variable's value is written, None if it is not written."""
        return self.items[name].value.mark if name in self.items else None

    def true(self, name: str) -> bool:
        """Whether a yes or no was given and is a yes."""
        return str(self.values.get(name, "")).lower() in _TRUE


@dataclass(slots=True)
class Reader:
    """Reads values of one tenant. `hosts` are the variables of each host, for templates that point at one."""

    report: Report
    references: References
    hosts: Lookup[str, Lookup[str, Item]]

    def given(self, items: dict[str, Item], facts: Facts) -> Given:
        """Return what these items give."""
        given = Given(items=items)
        for name, item in items.items():
            self.take(name, item, facts, given)
        return given

    def take(self, name: str, item: Item, facts: Facts, given: Given) -> None:
        """Add one item to what is given."""
        value = item.value
        if isinstance(value, Scalar) and value.null:
            self.nothing(name, item)
            return
        if name in facts.unused:
            why = facts.about[name].unused
            self.report.warn(Code.UNUSED, item.key.mark, f"`{name}` has no effect", why, "it may be removed")
            return
        taken = self.secret(name, item) if name in facts.secrets else self.open(name, item, facts)
        if taken is None:
            given.wrong.add(name)
        else:
            given.values[name] = taken

    def nothing(self, name: str, item: Item) -> None:
        """An empty variable is one that was not given; where that decides something it is said."""
        if name in _DECIDES:
            why = "the old tool took it as given"
            self.report.warn(Code.EMPTY, item.key.mark, f"`{name}` has no value: as if it were not there", why)

    def secret(self, name: str, item: Item) -> Secret | None:
        """Return a secret that stands in the file or that the file refers to."""
        value = item.value
        made: Secret | None
        if isinstance(value, Mapping):
            made = self.references.resolve(name, value)
        elif isinstance(value, Scalar):
            made = None if self.templated(name, value) else Secret(value.text)
        else:
            self.report.error(Code.VALUE, value.mark, f"`{name}` is one value, not a list")
            return None
        return made if made is None or self.usable(name, made, item) else None

    def usable(self, name: str, secret: Secret, item: Item) -> bool:
        """Find secrets that are empty, that break an environment file, or that everybody knows."""
        mark, text = item.value.mark, secret.reveal()
        if not text:
            self.report.error(Code.VALUE, mark, f"`{name}` is empty", "", "give it a value")
        elif any(sign in text for sign in "\n\r\0"):
            self.report.error(Code.VALUE, mark, f"`{name}` has more than one line", "", "give it one line")
        elif published(secret):
            why = "it was published with the old tool, so everybody knows it"
            todo = "replace it by one of your own, e.g. from `openssl rand -hex 20`"
            self.report.error(Code.PUBLISHED, mark, f"`{name}` is a published sample", why, todo)
        else:
            return True
        return False

    def open(self, name: str, item: Item, facts: Facts) -> str | list[str] | None:
        """Return a value that is no secret, as text or as a list of texts."""
        value = item.value
        if isinstance(value, Scalar):
            return self.boolean(name, value, facts) if name in facts.booleans else self.text(name, value)
        if isinstance(value, Listing) and name in facts.lists:
            return self.listing(name, value)
        if name == _AS_JSON and isinstance(value, Mapping):
            return json.dumps({key: getattr(each.value, "text", "") for key, each in value.items.items()})
        why = "references are for secrets" if isinstance(value, Mapping) else ""
        self.report.error(Code.VALUE, value.mark, f"`{name}` is one plain value", why)
        return None

    def listing(self, name: str, value: Listing) -> list[str] | None:
        """Return a list of texts."""
        texts = [self.text(name, each) if isinstance(each, Scalar) else None for each in value.values]
        good = [text for text in texts if text is not None]
        if len(good) == len(texts):
            return good
        self.report.error(Code.VALUE, value.mark, f"`{name}` is a list of plain values")
        return None

    def boolean(self, name: str, value: Scalar, facts: Facts) -> str | None:
        """Return a yes or no; the spellings of YAML 1.1 are taken as it took them."""
        if value.text.lower() in _OLD_BOOLEANS:
            meant = "true" if value.text.lower() in _TRUE else "false"
            what = f"`{name}: {value.text}` is read as {meant}"
            self.report.warn(Code.BOOLEAN, value.mark, what, "", f"write {meant}")
        return self.text(name, value)

    def text(self, name: str, value: Scalar) -> str | None:
        """Return a text; the one template the old tool's own files hold is followed."""
        if "{" not in value.text:
            return value.text
        pointed = _OTHER_HOST.fullmatch(value.text)
        if pointed:
            return self.of_host(name, value, pointed)
        return None if self.templated(name, value) else value.text

    def of_host(self, name: str, value: Scalar, pointed: re.Match[str]) -> str | None:
        """Return the variable of another host, as in `{{ hostvars['omnileads_data'].omni_ip_lan }}`."""
        host, variable = pointed[1] or pointed[2], pointed[3] or pointed[4]
        item = self.hosts.get(host, {}).get(variable)
        if item and isinstance(item.value, Scalar) and not _TEMPLATE.search(item.value.text):
            return item.value.text
        what = f"`{name}` points at `{variable}` of `{host}`, which is not there"
        close = nearest(host, self.hosts)
        todo = f"write `{close}`" if close and close != host else "write the value itself"
        self.report.error(Code.TEMPLATE, value.mark, what, "", todo)
        return None

    def templated(self, name: str, value: Scalar) -> bool:
        """Find templates: they are Ansible's, and nothing here evaluates them."""
        if value.literal or not _TEMPLATE.search(value.text):
            return False
        why = "inventories are read without Ansible; only {{ hostvars['HOST'].VARIABLE }} is followed"
        todo = "write the value itself; if it really has two braces, put !unsafe before it"
        self.report.error(Code.TEMPLATE, value.mark, f"`{name}` is a template", why, todo)
        return True


def validated(model: type[BaseModel], given: Given, facts: Facts, report: Report) -> Any:
    """Return the model made of what is given; None, with every wrong value in the report, if it cannot be made."""
    try:
        return model.__pydantic_validator__.validate_python(given.values)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    for each in errors:
        name = str(each["loc"][0])
        if each["type"] != "missing" and name in given.items:
            _wrong(name, each["msg"], given, facts, report)
    return None


def _plainly(message: str) -> str:
    """Return pydantic's message as an operator says it."""
    if "valid integer" in message:
        return "it is a whole number"
    return message.removeprefix("Value error, ").replace("Input should be", "it has to be")


def _wrong(name: str, message: str, given: Given, facts: Facts, report: Report) -> None:
    """Report a value the model refused, with the nearest one it would take."""
    given.wrong.add(name)
    mark = given.items[name].value.mark
    if name in facts.secrets:
        report.error(Code.VALUE, mark, f"`{name}` is not allowed")
        return
    value = given.values[name]
    choices = facts.choices.get(name, ())
    about = facts.about[name]
    known = available_timezones() if name == "TZ" else choices
    close = nearest(str(value), known)
    why = f"allowed: {', '.join(choices)}" if choices else _plainly(message)
    example = f"write it like `{about.example}`" if about.example else ""
    report.error(Code.VALUE, mark, f"`{name}` cannot be `{value}`", why, f"write `{close}`" if close else example)
