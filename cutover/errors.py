"""Errors an operator can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that is wrong, said so that it can be mended.

    `code` is stable (`CUT` and three digits, listed in docs/reference/errors.md), `where` names the file and
    line, the host or the component, `why` is the cause as far as it is known, `todo` is what to do next.
    """

    code: str
    what: str
    where: str
    why: str = ""
    todo: str = ""
    fatal: bool = True

    def __str__(self) -> str:
        text = f"{self.where}: {self.what} [{self.code}]"
        if self.why:
            text += f"\n    why: {self.why}"
        if self.todo:
            text += f"\n    do:  {self.todo}"
        return text


class CutoverError(Exception):
    """Carries one or more findings; its text is theirs."""

    def __init__(self, findings: Finding | Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = (findings,) if isinstance(findings, Finding) else tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))

    def __reduce__(self) -> tuple[type[CutoverError], tuple[tuple[Finding, ...]]]:
        return type(self), (self.findings,)


class HostUnreachableError(CutoverError):
    """The transport to a host failed; trying again may help."""


class LeaseHeldError(CutoverError):
    """Another operation holds the tenant."""


class NeedlessError(Exception):
    """There is nothing to do any more, and its text says why; a run that raises it has not failed."""
