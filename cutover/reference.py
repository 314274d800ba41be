"""
The reference page of error codes, made from the code: `python -m cutover.reference`.

Every `Finding("CUT-…", "what", …)` of the sources is a row, and every code of an inventory.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from cutover.inventory.codes import Code

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/reference/errors.md"
HEAD = """# Error codes

Made from the code by `python -m cutover.reference`; the codes are stable. Every error names the file and line, the
host or the component, says why as far as it is known, and what to do next.

| code | what is wrong |
|---|---|
"""


def _text(node: ast.expr) -> str:
    """Return a literal text, with what is filled in at run time shown as `…`."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""


def _findings(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and len(node.args) >= 2:
            code = _text(node.args[0])
            if code.startswith("CUT-") and len(code) == 7:
                yield code, _text(node.args[1])


def codes() -> dict[str, str]:
    """Return every code with what it says; the first text in the sources stands for all."""
    found = {code.value: code.meaning.rstrip(".") for code in Code}
    for folder in ("cutover", "tasks", "flows"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for code, what in _findings(path):
                found[code] = found.get(code) or what
    return dict(sorted(found.items()))


def page() -> str:
    """Return the page."""
    return HEAD + "".join(f"| {code} | {what} |\n" for code, what in codes().items())


if __name__ == "__main__":
    PAGE.write_text(page())
