"""The force on the socket against Newton and Euler by hand, and the rim against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measures.hip_load import components, outcomes
from analysis.replayed.case import Case
from analysis.replayed.model import RunnerModel
from analysis.replayed.replay import Replay
from analysis.replayed.stride import Stride
from analysis.socket.acetabulum import Acetabulum, Cover
from analysis.socket.bearing import default, population
from tests.analysis import small_runner

LEG = ("femur", "patella", "tibia", "calcn")


@pytest.mark.parametrize("side", ["r", "l"])
@pytest.mark.parametrize("node", [0, 30, 60, 100])
def test_joint_reaction_is_newtons(
    hop_case: Case, hop_stride: Stride, side: str, node: int
) -> None:
    """What holds the leg on: its mass times acceleration, less gravity, ground and muscles.

    Muscles within the leg cancel; those from the pelvis pull along their straight line, which the
    test draws itself from the attachment points.
    """
    model = RunnerModel(hop_case.folder / "runner.osim", hop_case.runner, "anatomical")
    replay, state = Replay(model, hop_case), model.state()
    replay.pose(state, node)
    model.model.realizeAcceleration(state)
    at_hip = -hop_case.ground_force(side)[node]
    for kind in LEG:
        body = model.bodies[f"{kind}_{side}"]
        acceleration = body.findStationAccelerationInGround(state, body.getMassCenter()).to_numpy()
        at_hip += body.getMass() * (acceleration - model.gravity)
    muscle_force = hop_stride.dynamics.tendon_force[node]
    for name, (*_, points, _) in small_runner.MUSCLES.items():
        if points[0][0] != "pelvis":
            continue
        ends = []
        for owner, (x, y, z) in points[:2]:
            body = model.bodies[owner if owner == "pelvis" else f"{owner}_{side}"]
            station = np.array([x, y, z if side == "r" else -z])
            turn = body.getTransformInGround(state)
            matrix = np.array([[turn.R().get(i, j) for j in range(3)] for i in range(3)])
            ends.append(turn.p().to_numpy() + matrix @ station)
        line = ends[0] - ends[1]
        pull = line / np.linalg.norm(line)
        at_hip -= muscle_force[hop_stride.dynamics.muscle_names.index(f"{name}_{side}")] * pull
    tilt = hop_case.coordinate("pelvis_tilt")[node]
    into_pelvis = np.array(
        [[np.cos(tilt), np.sin(tilt), 0], [-np.sin(tilt), np.cos(tilt), 0], [0, 0, 1]]
    )
    expected = into_pelvis @ -at_hip  # on the socket: the opposite of what holds the leg
    assert hop_stride.anatomy.hip_force[side][node] == pytest.approx(expected, abs=1e-5)


def test_head_presses_up_into_the_socket_in_stance(hop_stride: Stride) -> None:
    loaded = hop_stride.stance("r") > 0
    assert components(hop_stride.anatomy.hip_force["r"], "r")["superior"][loaded].min() > 0


def test_sides_mirror(hop_stride: Stride) -> None:
    cup, force = default().cup, hop_stride.anatomy.hip_force
    right, left = components(force["r"], "r"), components(force["l"], "l")
    for name in ("anterior", "superior", "medial"):
        assert right[name] == pytest.approx(left[name], abs=1e-6)
    assert cup.margin_deg(force["r"], "r") == pytest.approx(cup.margin_deg(force["l"], "l"))


def test_margin_in_the_frontal_plane() -> None:
    cup = Acetabulum(inclination_deg=45, anteversion_deg=0, half_opening_deg=78)
    assert cup.cover.lateral_centre_edge == pytest.approx(33)
    # Straight up lies 45 deg from the dome, 33 deg inside the lateral rim: the centre-edge angle.
    assert cup.margin_deg(np.array([0, 500.0, 0]), "r") == pytest.approx([33])
    assert cup.margin_deg(1000 * cup.dome("r"), "r") == pytest.approx([78], abs=1e-5)
    assert cup.margin_deg(-cup.dome("r"), "r") == pytest.approx([78 - 180], abs=1e-5)
    for angle, expected in ((33, 0), (43, -10), (-20, 53)):  # lateral of the vertical
        a = np.radians(angle)
        assert cup.margin_deg(np.array([0, np.cos(a), np.sin(a)]), "r") == pytest.approx([expected])


def test_cup_of_three_cover_angles() -> None:
    """Two cups worked out by hand from the plane through three points of the rim."""
    for cover, lean, turn, half in (
        (Cover(33, 63, 105), 51.9, 16.8, 85.2),
        (Cover(34.5, 59, 94.5), 45.6, 12.9, 80.4),
    ):
        cup = cover.cup()
        assert cup.inclination_deg == pytest.approx(lean, abs=0.05)
        assert cup.anteversion_deg == pytest.approx(turn, abs=0.05)
        assert cup.half_opening_deg == pytest.approx(half, abs=0.06)
        assert cup.margin_deg(cover.rim(), "r") == pytest.approx(0, abs=1e-9)
        assert cup.margin_deg(cover.rim() * [1, 1, -1], "l") == pytest.approx(0, abs=1e-9)
    assert default().cup == Cover(33, 63, 105).cup()
    assert population().mean == Cover(34.5, 59, 94.5)


@settings(deadline=None)
@given(st.floats(10, 50), st.floats(35, 80), st.floats(75, 125))
def test_cover_angles_of_a_cup_are_those_it_was_made_of(a: float, b: float, c: float) -> None:
    cover = Cover(a, b, c)
    found = cover.cup().cover
    for name in ("lateral_centre_edge", "anterior_sector", "posterior_sector"):
        assert getattr(found, name) == pytest.approx(getattr(cover, name), abs=1e-6)


def test_rim_points_on_a_line_make_no_cup() -> None:
    with pytest.raises(ValueError, match="no cup"):
        Cover(33, 0, 0).cup()
    shallow = Acetabulum(inclination_deg=45, anteversion_deg=0, half_opening_deg=30)
    assert np.isnan(shallow.cover.anterior_sector)


def test_margin_with_anteversion() -> None:
    cup = default().cup
    # The cup faces forward: a force that presses the head forward comes nearer the rim.
    forward, backward = np.array([0.5, 1, 0]), np.array([-0.5, 1, 0])
    assert cup.margin_deg(forward, "r")[0] < cup.margin_deg(backward, "r")[0]
    assert np.linalg.norm(cup.dome("l")) == pytest.approx(1)


def test_outcomes_of_a_force_that_swings_over_the_rim() -> None:
    cup = Acetabulum(inclination_deg=45, anteversion_deg=0, half_opening_deg=78)
    lateral = np.radians(np.array([0.0, 10, 20, 30, 36]))  # margins 33, 23, 13, 3, -3
    size = np.array([1000.0, 4000, 2000, 500, 100])
    force = size[:, None] * np.stack([0 * lateral, np.cos(lateral), np.sin(lateral)], axis=1)
    stance = np.array([1, 1, 1, 1, 0.0])
    row = outcomes(force, np.arange(5.0), np.ones(5), stance, side="r", weight=800.0, cup=cup)
    assert row["hip_force_peak_bw"] == pytest.approx(5)
    assert row["hip_force_peak_percent"] == 1
    assert row["rim_margin_min_deg"] == pytest.approx(-3)
    assert row["rim_margin_min_force_bw"] == pytest.approx(0.125)
    assert row["rim_margin_stance_min_deg"] == pytest.approx(3)
    assert row["rim_margin_at_peak_deg"] == pytest.approx(23)
    assert row["near_rim_share_percent"] == pytest.approx(40)
    assert row["hip_force_medial_min_bw"] == pytest.approx(-4000 * np.sin(lateral[1]) / 800)


def test_no_force_has_no_direction() -> None:
    assert np.isnan(default().cup.margin_deg(np.zeros(3), "r")).all()
