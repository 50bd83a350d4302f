"""Ground-force columns as laboratories and tools name them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from formats import storage
from formats.trial.columns import plates, usual

AXES = "xyz"
CALCN = "ground_force_calcn_{}_"
CONVENTIONS = {
    "AddBiomechanics": (CALCN + "v{}", CALCN + "p{}", CALCN + "m{}"),
    "OpenCap": ("ground_force_{}_v{}", "ground_force_{}_p{}", "ground_torque_{}_{}"),
    "in capitals": ("{}_ground_force_v{}", "{}_ground_force_p{}", "{}_ground_torque_{}"),
    "torque with a v": (CALCN + "v{}", CALCN + "p{}", "ground_torque_calcn_{}_v{}"),
    "moment": ("ground_force_{}_v{}", "ground_force_{}_p{}", "ground_moment_{}_m{}"),
}
TOKENS = {"OpenCap": ("right", "left"), "in capitals": ("R", "L")}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_feet_are_found(convention: str) -> None:
    tokens = TOKENS.get(convention, ("r", "l"))
    force, point, torque = CONVENTIONS[convention]
    names = [p.format(t, a) for t in tokens for p in (force, point, torque) for a in AXES]
    found = usual(Path("f.mot"), ["time", *reversed(names)])
    assert found.right.force == [force.format(tokens[0], a) for a in AXES]
    assert found.right.point == [point.format(tokens[0], a) for a in AXES]
    assert found.left.torque == [torque.format(tokens[1], a) for a in AXES]


def test_plates_are_told_apart_by_number() -> None:
    names = [
        f"ground_{what}_{n}_{letter}{a}"
        for n in (1, 2, 3)
        for what, letter in (("force", "v"), ("force", "p"), ("moment", "m"))
        for a in AXES
    ]
    found = plates(names)
    assert list(found) == ["1", "2", "3"]
    assert found["3"].torque == ["ground_moment_3_mx", "ground_moment_3_my", "ground_moment_3_mz"]


def test_a_plate_without_free_torque_is_one() -> None:
    names = [f"{side}_ground_force_{letter}{a}" for side in "rl" for letter in "vp" for a in AXES]
    found = usual(Path("f.mot"), names)
    assert found.left.point == [f"l_ground_force_p{a}" for a in AXES]
    assert found.left.torque == []
    assert plates(names[:-1]).keys() == {"r"}  # a point needs all three


def test_columns_of_joints_are_no_plates() -> None:
    assert plates(["pelvis_tx", "pelvis_ty", "pelvis_tz", "hip_flexion_r", "knee_angle_r"]) == {}


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_plain_table_is_read(mark: str, tmp_path: Path) -> None:
    rows = [f"{0.01 * i:.2f}{mark}{i}{mark}{2 * i}" for i in range(20)]
    path = tmp_path / "motion.csv"
    path.write_text("\n".join([f"Time (s){mark}a{mark}b", *rows]))
    found = storage.read(path)
    assert found.degrees is None
    np.testing.assert_allclose(found.columns["b"], 2.0 * np.arange(20))


def test_plates_that_are_not_feet_are_named() -> None:
    names = [
        f"ground_{what}_{n}_{letter}{a}"
        for n in (3, 4, 5)
        for what, letter in (("force", "v"), ("force", "p"), ("moment", "m"))
        for a in AXES
    ]
    with pytest.raises(ValueError, match=r"of plates \(3, 4, 5\), not of feet"):
        usual(Path("forces.mot"), names)
