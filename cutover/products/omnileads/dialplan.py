"""
The operator's own Asterisk files: made once, then the operator's (W31).

Every file is on its own: one that is removed comes back, the others are not touched.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from cutover.plan.desired import File
from cutover.products.omnileads.site import CUSTOM, USER

TABLE = Path(__file__).with_name("dialplan.toml")


def _contents() -> dict[str, bytes]:
    """Return each file's content by `kind_flavour`: empty, or the contexts it has to declare."""
    table: dict[str, Any] = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    kinds = table["kinds"]
    custom, override = [*kinds["both"], *kinds["custom"]], [*kinds["both"], *kinds["override"]]
    contents = dict.fromkeys([f"{kind}_custom" for kind in custom] + [f"{kind}_override" for kind in override], b"")
    for kind, contexts in table["contexts"].items():
        contents[f"{kind}_custom"] = "\n".join(f"[{context}]\n" for context in contexts).encode()
    return contents


@cache
def custom_files() -> tuple[File, ...]:
    """Return the operator's files on a host with Asterisk, as they are before the operator changes them."""
    paths = {f"{CUSTOM}/oml_{name}.conf": content for name, content in sorted(_contents().items())}
    return tuple(File(path, content, 0o644, USER, USER, once=path) for path, content in paths.items())
