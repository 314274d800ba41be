"""What a command asks a flow to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """A run that is asked for: the operation, its tenant (empty: an operation on many), its further parameters."""

    operation: str
    tenant: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The run's name while it still waits; it gives itself the same one."""
        return f"{self.operation} {self.tenant}".strip()

    @property
    def tags(self) -> list[str]:
        """By what people find the run."""
        return [f"op:{self.operation}", *([f"tenant:{self.tenant}"] if self.tenant else [])]

    @property
    def parameters(self) -> dict[str, Any]:
        """What the flow is called with."""
        return {**({"tenant": self.tenant} if self.tenant else {}), **self.more}
