"""
The reference page of error codes, made from the code: `python -m cutover.reference`.

Every code that is said in the sources with a text behind it is a row, and every code of an inventory.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
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
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _text(node.func.value)
    return ""


def _findings(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every code that a call is given, and the argument behind it."""
    tree = ast.parse(path.read_text())
    assigned = sorted(_assignments(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for code, what in pairwise(node.args):
                if re.fullmatch(r"CUT-\d{3}", _text(code)):
                    yield _text(code), _text(what) or _last(assigned, what)


def _assignments(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            values = value.elts if isinstance(value, ast.Tuple) else [value]
            for name, each in zip(names, values, strict=False):
                if isinstance(name, ast.Name):
                    yield node.lineno, name.id, _text(each)


def _last(assigned: Sequence[tuple[int, str, str]], what: ast.expr) -> str:
    """Return the text that a variable was last given before it is used."""
    name = what.id if isinstance(what, ast.Name) else ""
    return next((text for line, target, text in reversed(assigned) if target == name and line < what.lineno), "")


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
