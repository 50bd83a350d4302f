"""The readings of the iliopsoas tendon that a claim asks for, and their words."""

from __future__ import annotations

from analysis.measures.tendon_readings import BRACKET, READINGS
from formats.claims import Claim

WORDS = dict(
    zip(READINGS, ("tendon on pelvis", "tendon on femoral head", "tendon shared"), strict=True)
)


def suffixes(claim: Claim) -> tuple[str, ...]:
    """Suffixes of the columns that a claim's endpoints are read from."""
    return {"one": READINGS[:1], "both": BRACKET, "all": READINGS}[claim.readings]
