"""
The release table: which image tags belong together.

An inventory names a `release`, or tags one by one, or both; a tag given by itself wins. What no release knows may
still be installed, with a warning. What needs components that this catalogue has no data sheet for may not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import cache
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cutover.errors import CutoverError, Finding
from cutover.inventory import Tenant

TABLE = Path(__file__).with_name("releases.toml")

VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "omlapp": "omnileads_version",
        "asterisk": "asterisk_version",
        "nginx": "nginx_version",
        "kamailio": "kamailio_version",
        "websockets": "websockets_version",
        "rtpengine": "rtpengine_version",
        "postgres": "postgres_version",
    }
)
"""Columns that a tenant's variable may override."""

COLUMNS = (*VARIABLES, "redis", "minio")
"""Columns that this catalogue has data sheets for."""


@dataclass(frozen=True, slots=True)
class Release:
    """One row of the table. A cell holds every tag seen for it; the first is what the release stands for."""

    name: str
    date: date
    cells: Mapping[str, tuple[str, ...]]
    plperl: bool
    more: tuple[str, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Components that the release needs and this catalogue has no data sheet for."""
        return (*(cell for cell in self.cells if cell not in COLUMNS), *self.more)

    def differences(self, tags: Mapping[str, str]) -> tuple[str, ...]:
        """Return the columns whose tag is another one than this release's."""
        return tuple(cell for cell, tag in tags.items() if tag not in self.cells.get(cell, ()))


@dataclass(frozen=True, slots=True)
class Tags:
    """
    What a tenant's images are tagged with, by column of the table.

    `release` is the row that knows this combination, None when there is none. A value is a tag, or a whole image
    reference. `application` is the row that the web application's tag belongs to, whatever the others are: the release
    that the tenant names, else the newest that has it. `findings` are warnings.
    """

    release: Release | None
    application: Release | None
    cells: Mapping[str, str]
    plperl: bool
    findings: tuple[Finding, ...] = ()


def _row(raw: Mapping[str, Any]) -> Release:
    facts = {"name", "date", "plperl", "more"}
    cells = {key: tuple([cell] if isinstance(cell, str) else cell) for key, cell in raw.items() if key not in facts}
    return Release(raw["name"], raw["date"], MappingProxyType(cells), raw["plperl"], tuple(raw.get("more", ())))


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


@cache
def releases() -> tuple[Release, ...]:
    """Return every row of the table, oldest first."""
    return tuple(_row(raw) for raw in _table()["release"])


def fixed(name: str) -> str:
    """Return the tag of an image that no release table speaks of; raises KeyError."""
    return str(_table()["fixed"][name])


def _where(tenant: Tenant) -> str:
    return str(tenant.folder / "inventory.yml")


def installable() -> tuple[str, ...]:
    """Return the names of the releases whose components all have data sheets, oldest first."""
    newest = {row.name: row for row in releases()}
    return tuple(name for name, row in newest.items() if not row.unknown)


def _alike(one: str, other: str) -> int:
    """Return with how many equal letters two names begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _nearest(name: str, names: Iterable[str]) -> str:
    """Return the name that begins alike for longest: in a version the first differing number is what matters."""
    wanted = name.lstrip("vV")
    return max(names, key=lambda each: (_alike(each, wanted), SequenceMatcher(None, each, wanted).ratio()))


def _named(tenant: Tenant, name: str) -> Release:
    rows = [row for row in releases() if row.name == name]
    if rows:
        return rows[-1]
    names = installable()
    todo = f"write `release: {_nearest(name, names)}`, one of {', '.join(names)}, or every tag by itself"
    raise CutoverError(Finding("CUT-410", f"there is no release {name}", _where(tenant), "", todo))


def _explicit(tenant: Tenant) -> dict[str, str]:
    given = {cell: getattr(tenant.variables, variable) for cell, variable in VARIABLES.items()}
    return {cell: str(tag) for cell, tag in given.items() if tag is not None}


def _complete(tenant: Tenant, cells: Mapping[str, str]) -> None:
    missing = [variable for cell, variable in VARIABLES.items() if cell not in cells]
    if missing:
        what = f"no tag is known for {', '.join(missing)}"
        todo = "give these variables, or a `release` that knows them"
        raise CutoverError(Finding("CUT-411", what, _where(tenant), todo=todo))


def _knowing(tags: Mapping[str, str], wished: Release | None) -> tuple[Release | None, Release]:
    """Return the row that knows this combination, if there is one, and the row that is nearest to it."""
    rows = [*([wished] if wished else []), *reversed(releases())]
    nearest = min(rows, key=lambda row: len(row.differences(tags)))
    return (None if nearest.differences(tags) else nearest), nearest


def _unknown_combination(tenant: Tenant, tags: Mapping[str, str], nearest: Release) -> Finding:
    differ = nearest.differences(tags)
    said = ", ".join(f"{VARIABLES[cell]} {tags[cell]} (there {_one_of(nearest, cell)})" for cell in differ)
    return Finding(
        "CUT-412",
        "no release is known with this combination of image tags",
        _where(tenant),
        f"{nearest.name} is nearest, but for {said}",
        f"write `release: {nearest.name}`, or go on if the combination is meant",
        fatal=False,
    )


def _one_of(release: Release, cell: str) -> str:
    return " or ".join(release.cells.get(cell, ("none",)))


def _refuse_unknown_components(tenant: Tenant, release: Release) -> None:
    if release.unknown:
        what = f"release {release.name} needs components that are not in the catalogue: {', '.join(release.unknown)}"
        todo = f"choose one of {', '.join(installable())}"
        raise CutoverError(Finding("CUT-413", what, _where(tenant), todo=todo))


def tags(tenant: Tenant) -> Tags:
    """
    Return what a tenant's images are tagged with.

    Raises CutoverError: the release is unknown (naming the nearest), a tag is missing, or the release needs
    components that have no data sheet here.
    """
    wished = _named(tenant, tenant.release) if tenant.release else None
    stands_for = {cell: given[0] for cell, given in wished.cells.items()} if wished else {}
    explicit = {**{cell: tag for cell, tag in stands_for.items() if cell in VARIABLES}, **_explicit(tenant)}
    _complete(tenant, explicit)
    known, nearest = _knowing(explicit, wished)
    _refuse_unknown_components(tenant, known or wished or nearest)
    others = {cell: given[0] for cell, given in (known or nearest).cells.items() if cell not in VARIABLES}
    cells = {"minio": fixed("minio"), **others, **explicit}
    findings = () if known else (_unknown_combination(tenant, explicit, nearest),)
    application = _with_application(cells["omlapp"], wished, known, *reversed(releases()))
    return Tags(known, application, MappingProxyType(cells), (known or nearest).plperl, findings)


def _with_application(tag: str, *rows: Release | None) -> Release | None:
    """Return the first of these rows that has the tag for the web application."""
    return next((row for row in rows if row and tag in row.cells.get("omlapp", ())), None)
