"""Where a command writes: one JSON document on stdout, or text for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cutover.errors import CutoverError, Finding


@dataclass(frozen=True)
class Output:
    """`machine` is set by --json: then stdout holds one JSON document and everything else goes to stderr."""

    machine: bool = False

    @property
    def terminal(self) -> bool:
        """Whether a person looks at stdout: only then anything moves or is coloured."""
        return not self.machine and sys.stdout.isatty()

    def say(self, text: str = "") -> None:
        """Write a line for people."""
        print(text, file=sys.stderr if self.machine else sys.stdout, flush=True)

    def document(self, content: Mapping[str, Any]) -> None:
        """Write the machine-readable result; does nothing when people read."""
        if self.machine:
            json.dump(content, sys.stdout, indent=2, default=str)
            print(flush=True)

    def findings(self, findings: Iterable[Finding]) -> None:
        """Write findings for people, to stderr."""
        for finding in findings:
            print(finding if finding.fatal else f"warning: {finding}", file=sys.stderr, flush=True)

    def error(self, error: CutoverError, code: int) -> None:
        """Write all findings of an error, to stderr and into the document."""
        self.findings(error.findings)
        self.document({"ok": False, "exit": code, "findings": as_data(error.findings)})


def as_data(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as plain data, as every --json document shows them."""
    return [asdict(finding) for finding in findings]


def columns(rows: Iterable[Iterable[str]]) -> str:
    """Return rows as left-aligned columns, two spaces apart."""
    table = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    return "\n".join(line.rstrip() for line in lines)
