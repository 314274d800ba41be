"""What a host says of itself at the voters: it is in the name of its sessions, which every other session can read."""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "cutover-pair"
LETTERS = 3


@dataclass(frozen=True)
class Claim:
    """
    What a host says of itself at the voters: that it may write, asks for promotion, serves readers.

    `ended` is where the log of a primary ended that hands over its role (bytes), else 0.
    """

    writes: bool = False
    asks: bool = False
    reads: bool = False
    ended: int = 0

    def name(self, node: str) -> str:
        """Return the name of the host's session, which carries the claim."""
        letters = f"{'w' if self.writes else '-'}{'p' if self.asks else '-'}{'r' if self.reads else '-'}"
        return f"{PREFIX} {node} {letters}{f'{self.ended:x}' if self.ended else ''}"


def claim_of(name: str, node: str) -> Claim | None:
    """Return the claim that a session's name carries, None when it is not that of a node."""
    words = name.split(" ")
    if len(words) != 3 or words[:2] != [PREFIX, node]:
        return None
    letters, ended = words[2][:LETTERS], words[2][LETTERS:]
    try:
        return Claim("w" in letters, "p" in letters, "r" in letters, int(ended or "0", 16))
    except ValueError:
        return None
