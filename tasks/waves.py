"""The waves of a fleet: which tenants are in which, and a person's yes before each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from prefect.artifacts import acreate_markdown_artifact

from tasks.approval import approve
from tasks.artifacts import counted, table
from tasks.fleet import Outcome

KEY = "plan-of-waves"
"""Key of the artifact that says what the next wave is; the command shows it before it asks."""


def waves(tenants: Sequence[str], first: int, then: int) -> list[list[str]]:
    """Return the first few tenants, the next few, and the rest; no wave is empty."""
    bounds = (0, first, first + then, len(tenants))
    return [wave for low, high in pairwise(bounds) if (wave := list(tenants[low:high]))]


def as_markdown(wave: Sequence[str], number: int, of: int, so_far: Sequence[Outcome]) -> str:
    """Return what a person reads before a wave: who is in it, and how those before it fared."""
    rows = [(one.tenant, one.result, one.message) for one in sorted(so_far, key=lambda one: (one.well, one.tenant))]
    return "\n".join(
        (
            f"# Wave {number} of {of}: {counted(len(wave), 'tenant')}",
            "",
            ", ".join(wave),
            "",
            *(table(("tenant", "result", "message"), rows) if rows else ("Nothing was changed so far.",)),
            "",
            "Each tenant's plan is in its own run.",
        )
    )


async def approve_wave(wave: Sequence[str], number: int, of: int, so_far: Sequence[Outcome]) -> None:
    """Wait until a person has said yes to a wave; raises CutoverError (CUT-762) when they do not."""
    text = as_markdown(wave, number, of, so_far)
    await acreate_markdown_artifact(text, key=KEY, description=f"wave {number} of {of}")
    await approve(f"wave {number} of {of}", text)
