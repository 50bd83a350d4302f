"""A small model and a made-up trial through intake, engine and OpenSim, nothing else needed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import certify, outcomes, positions, two_way, verify
from analysis.replayed import curves, hip_replay
from analysis.replayed.case import Case, knee_sign, read_case
from analysis.replayed.case_model import model_of
from analysis.replayed.replay import Replay
from analysis.replayed.stride import Stride, replay
from formats.files import write_json
from tests.analysis import measured_case
from tests.models import small_own


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The solved case. Read only: copy it to change it."""
    place = tmp_path_factory.mktemp("measured")
    return measured_case.solve(small_own.write(place / "trial"), place / "case", 3.0, 20)


@pytest.fixture(scope="module")
def case(folder: Path) -> Case:
    return read_case(folder)


@pytest.fixture(scope="module")
def stride(case: Case) -> Stride:
    return replay(case)


def test_a_locked_coordinate_stays_at_its_value(case: Case) -> None:
    model = model_of(case, "anatomical")
    run = Replay(model, case)
    state = "/jointset/mtp_r/mtp_angle_r/value"
    assert run.y[:, model.y_index[state]] == pytest.approx(0.1)
    assert state not in case.motion.columns


def test_opensim_accelerates_as_measured(folder: Path) -> None:
    found = certify.certify(folder).checks
    for name in ("acceleration", "tendon_equilibrium", "collocation"):
        assert found[name].passed, found[name]


def test_moments_are_those_of_opensims_inverse_dynamics(
    folder: Path, case: Case, stride: Stride, tmp_path: Path
) -> None:
    tool = measured_case.inverse_dynamics_tool(case, folder.parent / "trial", tmp_path)
    for name in stride.dynamics.names:
        ours = stride.dynamics.coordinate(stride.dynamics.generalised["net"], name)
        difference = np.abs(ours - tool[name].to_numpy()).max()
        assert difference < 0.01 * np.abs(ours).max() + 0.05, name


def test_outcomes_and_positions(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "case")
    row = outcomes.compute(copy)
    assert row["status"] == "computed", row["reason"]
    # The trial's knee: -10 to -80 deg in the model, which are 10 to 80 deg of flexion.
    assert row["knee_swing_peak_deg"] == pytest.approx(80, abs=2)
    assert row["vertical_loading_rate_bw_s"] is None
    assert row["stride_length_m"] == pytest.approx(3.0 * row["stride_time_s"])
    positions.compute(copy)
    table = pd.read_csv(copy / positions.FILE)
    assert {"heel_r_x_m", "toe_tip_l_y_m", "toe_joint_r_x_m"} <= set(table.columns)


def test_all_of_a_measured_case_can_be_computed_again(folder: Path, tmp_path: Path) -> None:
    stored, again = Path(shutil.copytree(folder, tmp_path / "stored")), tmp_path / "again"
    write_json(stored / certify.FILE, certify.certify(stored).to_json())
    holds, said = verify.compute(stored, again)
    assert holds, said
    assert pd.read_csv(again / "hip_loads.csv")["periodic"].eq(0).all()
    assert {"head.json", "two_way.json", "positions.csv"} <= {p.name for p in again.iterdir()}


def test_the_knees_sign(case: Case) -> None:
    assert knee_sign(case.runner) == -1.0


def test_a_head_that_is_not_moved_changes_nothing(case: Case, stride: Stride) -> None:
    loads = hip_replay.of_case(case, "r", stride.anatomy)
    force, _ = two_way.displaced(case, "r", 10, np.zeros(3))
    assert force == pytest.approx(loads.force[10], rel=1e-9, abs=1e-6)


def test_curves_begin_and_end_with_what_was_measured(stride: Stride) -> None:
    """The right stride is the stored one: its first and last row, not bent to meet each other."""
    table = curves.table(stride)
    muscles = stride.dynamics.muscle_names
    ends = [0, -1]
    for values, what in (
        (stride.dynamics.activation, "activation"),
        (stride.dynamics.tendon_force, "force_n"),
    ):
        own = [i for i, name in enumerate(muscles) if name.endswith("_r")]
        found = table[[f"{muscles[i]}_{what}" for i in own]].to_numpy()
        assert found[ends] == pytest.approx(values[np.ix_(ends, own)], rel=1e-9, abs=1e-12)
        assert found.min() >= values[:, own].min() - 1e-12  # the solver's own zero
        assert np.abs(values[0] - values[-1]).max() > 1e-3  # it does not close
