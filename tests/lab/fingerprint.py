"""Keys of what is built: the same recipe gives the same key, another recipe another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(*parts: str, files: Iterable[Path] = ()) -> str:
    """Return twelve hexadecimal digits that depend on `parts` and on name, mode and content of `files`."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    for file in sorted(files):
        digest.update(f"{file.name} {file.stat().st_mode:o}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]
