from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis.agreement import compare, primaries
from analysis.convergence import table
from formats.claims import FILE, FIRST, read_claims
from formats.files import write_json
from tests.analysis.synthetic_study import in_percent

RULE = read_claims(FIRST)


def row(mesh: int, **changes: float) -> dict[str, Any]:
    same: dict[str, Any] = {"case": f"m{mesh}", "arm": "hip_flexors", "mesh_intervals": mesh}
    return same | {name: 1.0 + changes.get(name, 0.0) for name in primaries(RULE)}


def test_every_primary_endpoint_has_a_smallest_effect() -> None:
    assert {name: one.smallest_at(1.0) for name, one in primaries(RULE).items()} == {
        "ankle_com_m": 0.005,
        "glmax_activation_stance_mean": 0.01,
        "thigh_extension_peak_deg": 1.0,
        "rim_margin_min_deg": 1.0,
    }


def test_change_beyond_the_smallest_effect_fails() -> None:
    assert compare(row(50), row(100, ankle_com_m=-0.0049, rim_margin_min_deg=0.9), 2, RULE).passed
    found = compare(row(50), row(100, ankle_com_m=-0.0051), 2, RULE)
    assert found.passed is False
    assert [n for n, e in found.endpoints.items() if not e.passed] == ["ankle_com_m"]
    assert found.endpoints["ankle_com_m"].change == pytest.approx(-0.0051)


def test_a_smallest_effect_in_per_cent_is_judged_too(tmp_path: Path) -> None:
    """It was left out, so that a mesh that moved the endpoint by half its value passed."""
    rule = read_claims(in_percent(tmp_path))
    first = row(50) | {"glmax_activation_stance_mean": 0.08}
    held = compare(first, first | {"glmax_activation_stance_mean": 0.0839}, 1, rule)
    assert held.passed
    one = held.endpoints["glmax_activation_stance_mean"]
    assert one.smallest_effect == pytest.approx(0.004)  # 5 % of 0.08
    assert not compare(first, first | {"glmax_activation_stance_mean": 0.0841}, 1, rule).passed
    with pytest.raises(ValueError, match="0 in the first case"):
        compare(first | {"glmax_activation_stance_mean": 0.0}, first, 1, rule)


def test_rows_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(ValueError, match="99 is not at least 2 x 50"):
        compare(row(50), row(99), 2, RULE)
    assert compare(row(50), row(50), 1, RULE).passed
    with pytest.raises(ValueError, match="arm: hip_flexors and iliopsoas"):
        compare(row(50), row(100) | {"arm": "iliopsoas"}, 2, RULE)
    with pytest.raises(ValueError, match="ankle_com_m: no value in second case"):
        compare(row(50), row(100) | {"ankle_com_m": None}, 2, RULE)


def test_convergence_lists_every_second_solve(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no case was solved again; run `make convergence`"):
        table(tmp_path)
    for case in ("weak", "strong"):
        (tmp_path / case).mkdir()
    moved = compare(row(50), row(100, ankle_com_m=-0.0051), 2, RULE)
    write_json(tmp_path / "weak" / "agreement_fine.json", moved.to_json())
    failed = {"passed": False, "reason": "the solver did not converge", "endpoints": {}}
    write_json(tmp_path / "strong" / "agreement_elsewhere12.json", failed)
    write_json(tmp_path / "strong" / "agreement_elsewhere2.json", moved.to_json())
    found = table(tmp_path).set_index("case")
    strong = found.loc["strong"].set_index("second_solve")
    assert list(dict.fromkeys(strong.index)) == ["other start 2", "other start 12"]
    assert strong.loc["other start 12", "reason"] == "the solver did not converge"
    weak = found.loc["weak"].set_index("endpoint")
    assert list(weak.index) == list(primaries(RULE))
    assert weak.loc["ankle_com_m", "in_smallest_effects"] == pytest.approx(1.02)
    assert int(found["passed"].sum()) == 3 + 3


def test_the_second_edition_lets_a_mesh_move_a_tenth() -> None:
    """Of 6 mm between the ankle and the centre of mass: 0.6 mm."""
    rule = read_claims(FILE)
    same = {"case": "m", "arm": "hip_flexors", "mesh_intervals": 50}
    first = same | dict.fromkeys(primaries(rule), 1.0)
    again = first | {"mesh_intervals": 100}
    assert compare(first, again | {"ankle_com_m": 1.00059}, 2, rule).passed
    assert not compare(first, again | {"ankle_com_m": 1.00061}, 2, rule).passed
