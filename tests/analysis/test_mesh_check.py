from __future__ import annotations

from typing import Any

import pytest

from analysis.mesh_check import compare, smallest_effects


def row(mesh: int, **changes: float) -> dict[str, Any]:
    same: dict[str, Any] = {"case": f"m{mesh}", "arm": "hip_flexors", "mesh_intervals": mesh}
    return same | {name: 1.0 + changes.get(name, 0.0) for name in smallest_effects()}


def test_every_primary_endpoint_has_a_smallest_effect() -> None:
    assert smallest_effects() == {
        "ankle_com_m": 0.005,
        "glmax_activation_stance_mean": 0.01,
        "hip_extension_peak_deg": 1.0,
        "rim_margin_min_deg": 1.0,
    }


def test_change_beyond_the_smallest_effect_fails() -> None:
    assert compare(row(50), row(100, ankle_com_m=-0.0049, rim_margin_min_deg=0.9))["passed"]
    found = compare(row(50), row(100, ankle_com_m=-0.0051))
    assert found["passed"] is False
    assert [n for n, e in found["endpoints"].items() if not e["passed"]] == ["ankle_com_m"]
    assert found["endpoints"]["ankle_com_m"]["change"] == pytest.approx(-0.0051)


def test_rows_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(ValueError, match="99 is not at least twice 50"):
        compare(row(50), row(99))
    with pytest.raises(ValueError, match="arm: hip_flexors and iliopsoas"):
        compare(row(50), row(100) | {"arm": "iliopsoas"})
    with pytest.raises(ValueError, match="ankle_com_m: no value in fine case"):
        compare(row(50), row(100) | {"ankle_com_m": None})
