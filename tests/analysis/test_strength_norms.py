"""Strength of people: the table's numbers are those of its source's equation."""

from __future__ import annotations

import math

import pytest

from analysis.figures.strength import norms

# Anderson, Madigan & Nussbaum 2007, table 3: C1 (sd), C2, C3 (rad).
SOURCE = {
    "men 18-25": (0.113, 0.025, 0.738, -0.214),
    "women 18-25": (0.127, 0.033, 0.650, -0.350),
}


def test_numbers_are_the_source_s_at_the_stature_given() -> None:
    table = norms()
    assert set(table["group"]) == set(SOURCE)
    for one in table.itertuples():
        c1, sd, c2, c3 = SOURCE[one.group]
        scale = math.cos(c2 * (math.radians(one.hip_flexion_deg) - c3)) * 9.80665 * one.stature_m
        assert one.mean_nm_kg == pytest.approx(c1 * scale, abs=0.006)
        assert one.sd_nm_kg == pytest.approx(sd * scale, abs=0.006)
        assert one.source
