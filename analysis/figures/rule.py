"""The rule that figures follow: that of the study that is drawn."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from formats.claims import FIRST, Claims, read_claims

_RULE = [FIRST]


def judge_by(rule: Path) -> None:
    """Make a claims file the one that figures follow from here on."""
    _RULE[0] = rule


def claims() -> Claims:
    """The claims that figures follow."""
    return _read(_RULE[0])


@cache
def _read(rule: Path) -> Claims:
    return read_claims(rule)
