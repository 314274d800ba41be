"""What a host says of itself at the voters: it is in the name of its sessions, which every other session can read."""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "cutover-pair"


@dataclass(frozen=True)
class Claim:
    """What a host says of itself at the voters: that it may write, asks for promotion, serves readers."""

    writes: bool = False
    asks: bool = False
    reads: bool = False

    def name(self, node: str) -> str:
        """Return the name of the host's session, which carries the claim."""
        return f"{PREFIX} {node} {'w' if self.writes else '-'}{'p' if self.asks else '-'}{'r' if self.reads else '-'}"


def claim_of(name: str, node: str) -> Claim | None:
    """Return the claim that a session's name carries, None when it is not that of a node."""
    words = name.split(" ")
    if len(words) != 3 or words[:2] != [PREFIX, node]:
        return None
    return Claim("w" in words[2], "p" in words[2], "r" in words[2])
