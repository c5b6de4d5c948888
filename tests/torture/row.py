"""What a proof found: a row of the table in docs/reliability.md."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """A proof's outcome: how many were tried, how many of them held, what that means, and what did not hold."""

    proof: str
    tried: int
    held: int
    said: str
    failed: list[str] = field(default_factory=list)
