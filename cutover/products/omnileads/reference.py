"""
The reference page of the components, made from their data sheets.

    python -m cutover.products.omnileads.reference     writes docs/reference/components.md
"""

from __future__ import annotations

from collections.abc import Iterable
from inspect import cleandoc
from pathlib import Path

from cutover.inventory import Role
from cutover.products.omnileads.catalogue import CATALOGUE
from cutover.products.omnileads.firewall import MATRIX, Row
from cutover.products.omnileads.preparation import PACKAGES, VOICE_TOOLS
from cutover.products.omnileads.releases import VARIABLES, releases
from cutover.products.omnileads.sheet import Component

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "components.md"

HEAD = """# Components of OMniLeads

<!-- Made by `python -m cutover.products.omnileads.reference` from cutover/products/omnileads/. Edit that. -->

Every component is one container under one systemd unit with one env file in `/etc/default` (mode 0600, root). Its log:
`journalctl -u <unit>`. A unit runs its image by digest; the tag is in the unit's description.
"""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD, _overview(), *map(_sheet, CATALOGUE), _firewall(), _releases(), _packages()]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = tuple(head)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _listed(names: Iterable[object]) -> str:
    return ", ".join(sorted(str(name) for name in names)) or "none"


def _where(component: Component) -> str:
    places = [
        f"{layout.upper()}: {', '.join(role for role in Role if role in roles)}"
        for layout, roles in component.where.items()
    ]
    return "; ".join(places).replace("AIO: aio", "AIO") or "nowhere"


def _overview() -> str:
    rows = (
        [f"[{c.name}](#{c.name})", f"`{c.unit}`", _where(c), ", ".join(map(str, c.ports)) or "none"] for c in CATALOGUE
    )
    return "## Overview\n\n" + _table(("component", "unit", "hosts", "ports"), rows)


def _sheet(component: Component) -> str:
    facts = [("unit", f"`{component.unit}.service`"), ("where", _where(component))]
    if component.container:
        facts.append(("container", f"`{component.container}`"))
    if component.repository:
        tagged = component.repository.variable or "the release table"
        facts.append(
            (
                "image",
                f"`{component.repository.name}`, tag from `{tagged}`".replace(
                    "`the release table`", "the release table"
                ),
            )
        )
    if component.env:
        facts.append(("env file", f"`/etc/default/{component.env}`"))
    facts += [("port", f"{port}: {port.why}") for port in component.ports]
    facts += [("volume" if mount.named else "path", f"`{mount}`") for mount in component.mounts]
    facts.append(("starts after", _listed(component.after)))
    if component.container:
        facts.append(("must answer within", f"{component.deadline:.0f} s"))
    doc = cleandoc(component.__doc__ or "")
    return f"## {component.name}\n\n{doc}\n\n{_table(('', ''), facts)}"


def _sources(row: Row) -> str:
    return ", ".join([*sorted(f"{role} hosts" for role in row.roles), *sorted(f"`{party}`" for party in row.parties)])


def _firewall() -> str:
    rows = ([row.component, f"{row.ports}/{row.protocol}", _sources(row), row.why] for row in MATRIX)
    text = (
        "What is let in besides SSH from `controller_networks`. Everything else is reached from the host itself only."
    )
    return f"## Firewall\n\n{text}\n\n" + _table(("component", "ports", "from", "why"), rows)


def _releases() -> str:
    columns = [*VARIABLES, "redis"]
    rows = (
        [row.name, str(row.date), *(" or ".join(row.cells.get(cell, ("?",))) for cell in columns), _listed(row.unknown)]
        for row in releases()
    )
    text = "`release: NAME` stands for these tags. A release that needs components without a data sheet is refused."
    return f"## Releases\n\n{text}\n\n" + _table(("release", "date", *columns, "without a data sheet"), rows)


def _packages() -> str:
    rows = (
        [f"{name} {version}", " ".join(packages), " ".join(VOICE_TOOLS.get(name, ())) or "none"]
        for (name, version), packages in PACKAGES.items()
    )
    return "## Packages\n\n" + _table(("system", "every host", "hosts with Asterisk, besides"), rows)


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
