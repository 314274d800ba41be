"""Collects what is found in one inventory, with its place in the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Protocol

from cutover.errors import Finding
from cutover.inventory.codes import Code


class Mark(Protocol):
    """A place in a file, counted from zero."""

    line: int
    column: int


@dataclass(slots=True)
class Report:
    """Findings about the file `path`."""

    path: str
    _placed: list[tuple[int, int, Finding]] = field(default_factory=list)

    def error(self, code: Code, mark: Mark | None, what: str, why: str = "", todo: str = "") -> None:
        """Add something that makes the inventory unusable."""
        self._add(mark, Finding(str(code), what, self.where(mark), why, todo))

    def warn(self, code: Code, mark: Mark | None, what: str, why: str = "", todo: str = "") -> None:
        """Add something that is accepted but doubtful."""
        self._add(mark, Finding(str(code), what, self.where(mark), why, todo, fatal=False))

    def where(self, mark: Mark | None) -> str:
        """Return `file:line:column`, counted from one, or the file alone."""
        return self.path if mark is None else f"{self.path}:{mark.line + 1}:{mark.column + 1}"

    @property
    def failed(self) -> bool:
        """Whether anything found makes the inventory unusable."""
        return any(finding.fatal for _, _, finding in self._placed)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found, in the order of the file; what has no place in it comes first."""
        return tuple(finding for _, _, finding in sorted(self._placed, key=lambda placed: placed[:2]))

    def _add(self, mark: Mark | None, finding: Finding) -> None:
        self._placed.append((-1, -1, finding) if mark is None else (mark.line, mark.column, finding))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, whatever its case."""
    by_lower = {each.lower(): each for each in known}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None
