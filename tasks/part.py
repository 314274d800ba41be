"""Operations on some of a tenant's components, called by their names or by those of the old tool's partial actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from cutover.errors import CutoverError, Finding
from cutover.plan.desired import DesiredState
from cutover.plan.part import narrowed, together
from cutover.products.omnileads.parts import PARTS, named
from tasks.planning import Planned

Components = Annotated[list[str], Field(description="Only these, or parts such as app or voice; without any, all")]


def chosen(desired: DesiredState, names: Sequence[str]) -> frozenset[str]:
    """Return the components that are meant; raises CutoverError (CUT-820) when a name means none of the tenant's."""
    there = frozenset(each.component for state in desired.hosts.values() for each in state.services)
    found, unknown = named(names, there)
    if unknown:
        todo = f"choose among {', '.join(sorted(there))}, or {', '.join(PARTS)}"
        raise CutoverError(Finding("CUT-820", "there is no such component", ", ".join(unknown), "", todo))
    return found


def only(planned: Planned, names: Sequence[str]) -> Planned:
    """Return a plan narrowed to some components and those that share their images; without names, as it is."""
    if not names:
        return planned
    part = together(planned.desired, chosen(planned.desired, names))
    return replace(planned, plan=narrowed(planned.plan, planned.desired, part), part=part)
