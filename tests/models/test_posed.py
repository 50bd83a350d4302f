"""A whole runner is turned about the vertical: everything goes with them, nothing else moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from models.checks.posed import Skeleton


@pytest.fixture(scope="module")
def skeleton(base_file: Path) -> Skeleton:
    return Skeleton(base_file)


ANGLES = st.floats(-0.6, 0.6)


@settings(max_examples=20, deadline=None)
@given(
    degrees=st.floats(-180.0, 180.0),
    pose=st.lists(ANGLES, min_size=6, max_size=6),
    knee=st.floats(0.0, 1.5),
)
def test_feet_and_mass_centre_turn_with_the_pelvis(
    skeleton: Skeleton, degrees: float, pose: list[float], knee: float
) -> None:
    names = list(skeleton.coordinates)
    values = {name: np.zeros(2) for name in names}
    for i, amount in zip(skeleton.root(names), pose, strict=True):
        values[names[i]] = np.array([amount, 0.9 * amount])
    values["knee_angle_r"] = np.array([knee, 0.5 * knee])
    turn = Rotation.from_euler("y", degrees, degrees=True)
    after = values | skeleton.turned(values, turn)
    assert {name for name in names if (after[name] != values[name]).any()} <= {
        names[i] for i in skeleton.root(names)
    }
    for frame in range(2):
        places = []
        for which in (values, after):
            skeleton._move(names, np.array([which[name][frame] for name in names]))
            skeleton.model.realizePosition(skeleton.state)
            centre = skeleton.model.calcMassCenterPosition(skeleton.state).to_numpy()
            foot = skeleton._body["calcn_r"].getPositionInGround(skeleton.state).to_numpy()
            places.append(np.array([centre, foot]))
        np.testing.assert_allclose(places[1], turn.apply(places[0]), atol=1e-6)


def test_a_planar_runner_cannot_be_turned(planar: Path) -> None:
    flat = Skeleton(planar / "runner.osim")
    values = {name: np.zeros(1) for name in flat.coordinates}
    with pytest.raises(ValueError, match="3 coordinates between ground and pelvis, six are needed"):
        flat.turned(values, Rotation.from_euler("y", 1.0))
