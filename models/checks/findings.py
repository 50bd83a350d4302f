"""What a check found: something to be warned of, or a reason not to solve."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line; refused: whether nothing may be solved with it."""

    text: str
    refused: bool = False
