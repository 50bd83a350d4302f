"""What a measured stride was taken with stands in its row of outcomes."""

from __future__ import annotations

from pathlib import Path

from analysis.measures import trial
from formats.files import write_json


def test_columns_of_a_measured_stride(tmp_path: Path) -> None:
    size = {"rms": 12.0, "peak": 30.0}
    write_json(
        tmp_path / "inverse.json",
        {
            "stride": {"number": 2},
            "filter_hz": 15.0,
            "strength_percent": 180.0,
            "reserves": {"largest_share": 0.04, "coordinate": "hip_rotation_l"},
            "base_residual": {"pelvis_tx": size, "pelvis_tilt": {"rms": 5.0, "peak": 9.0}},
            "coordinates": {
                "hip_rotation_l": {"moved_by": "muscles", "reserve_share": 0.04},
                "lumbar_bending": {"moved_by": "muscles", "reserve_share": 0.3},
                "arm_flex_r": {"moved_by": "actuators", "reserve_share": 1.0},
            },
            "slack": {"semimem_r": {}},
        },
    )
    found = trial.outcomes(tmp_path)
    assert found["pelvis_residual_force_rms_n"] == 12.0
    assert found["pelvis_residual_moment_rms_nm"] == 5.0
    assert found["reserve_share_largest"] == 0.04
    assert found["reserve_share_largest_anywhere"] == 0.3
    assert (found["strength_percent"], found["stride_number"]) == (180.0, 2)
    assert found["slack_muscles"] == "semimem_r"
