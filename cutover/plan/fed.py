"""Commands that read what is secret from standard input."""

from __future__ import annotations

from dataclasses import dataclass

from cutover.secret import Secret


@dataclass(frozen=True, slots=True)
class Fed:
    """A command to be run inside a container, and what it reads. Several are run in order, up to the first failure."""

    container: str
    command: tuple[str, ...]
    stdin: Secret
