"""A predicted run written as a measured trial: the same motion, the same forces."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulations.export_trial import UNLOADED, ground_forces, periodic, trial

LENGTH = 2.4


def wrench(table: pd.DataFrame | dict[str, np.ndarray], side: str) -> np.ndarray:
    """(6, N) force and moment about the origin of ground of one foot."""

    def three(stem: str) -> np.ndarray:
        return np.stack([np.asarray(table[f"{stem}{axis}"]) for axis in "xyz"], axis=-1)

    force, point = three(f"ground_force_{side}_v"), three(f"ground_force_{side}_p")
    moment = np.cross(point, force) + three(f"ground_torque_{side}_")
    return np.concatenate([force.T, moment.T])


@pytest.fixture
def steps() -> pd.DataFrame:
    """One stride of two steps on ground, each foot's point rolling forward."""
    phase = np.linspace(0, 1, 81)
    columns = {"time": 0.7 * phase}
    for side, start in (("r", 0.0), ("l", 0.5)):
        within = (phase - start) / 0.35
        shape = np.where((within > 0) & (within < 1), np.sin(np.pi * within), 0.0) ** 2
        at = start * LENGTH + 0.2 * within
        columns |= {
            f"ground_force_{side}_vx": -200 * shape * np.cos(np.pi * within),
            f"ground_force_{side}_vy": 1800 * shape,
            f"ground_force_{side}_vz": 40 * shape,
            f"ground_force_{side}_px": np.where(shape > 0, at, 0.0),
            f"ground_force_{side}_py": 0 * phase,
            f"ground_force_{side}_pz": np.where(shape > 0, 0.1, 0.0),
            f"ground_torque_{side}_x": 0 * phase,
            f"ground_torque_{side}_y": 5 * shape,
            f"ground_torque_{side}_z": 0 * phase,
        }
    return pd.DataFrame(columns)


def test_forces_at_the_nodes_are_the_run_s(steps: pd.DataFrame) -> None:
    phase = np.linspace(0, 1, 81)
    found = ground_forces(steps, phase, LENGTH)
    for side in "rl":
        loaded = steps[f"ground_force_{side}_vy"] > UNLOADED
        given = np.where(loaded, wrench(steps, side), 0.0)
        np.testing.assert_allclose(wrench(found, side), given, atol=1e-9)
        here = found[f"ground_force_{side}_px"][loaded]
        np.testing.assert_allclose(here, steps[f"ground_force_{side}_px"][loaded], atol=1e-12)


def test_next_stride_is_the_same_a_stride_further(steps: pd.DataFrame) -> None:
    phase = np.linspace(0.01, 0.9, 50)
    first, second = (ground_forces(steps, phase + n, LENGTH) for n in (-1, 0))
    for name, values in first.items():
        loaded = second[name.replace("torque", "force")[: len("ground_force_r_")] + "vy"] > 0
        shift = LENGTH * loaded if name.endswith("_px") else 0.0
        np.testing.assert_allclose(values + shift, second[name], atol=1e-9)


def test_torque_is_free_of_what_a_plate_cannot_tell(steps: pd.DataFrame) -> None:
    found = ground_forces(steps, np.linspace(-0.5, 1.5, 201), LENGTH)
    for side in "rl":
        np.testing.assert_allclose(found[f"ground_torque_{side}_x"], 0, atol=1e-9)
        np.testing.assert_allclose(found[f"ground_torque_{side}_z"], 0, atol=1e-9)
        assert found[f"ground_force_{side}_vy"].min() >= 0


def test_periodic_curve_goes_on_beyond_its_stride() -> None:
    at = np.linspace(0, 1, 41)
    phase = np.linspace(-0.5, 1.5, 77)
    found = periodic(at, 3 * at + np.sin(2 * np.pi * at), phase)
    np.testing.assert_allclose(found, 3 * phase + np.sin(2 * np.pi * phase), atol=1e-5)


@pytest.mark.parametrize(
    ("problem", "certified", "line"),
    [
        ("predict", False, "not certified; only a certified run"),
        ("inverse", True, "a measured runner's case; a predicted one is needed"),
    ],
)
def test_only_certified_predictions_are_written(
    problem: str, certified: bool, line: str, tmp_path: Path
) -> None:
    (tmp_path / "case.json").write_text(json.dumps({"problem": problem}))
    (tmp_path / "certificate.json").write_text(json.dumps({"certified": certified}))
    with pytest.raises(ValueError) as caught:
        trial(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: {line}")
    assert "\n" not in str(caught.value)


def test_folder_without_a_case_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"case.json: no such file; a certified case"):
        trial(tmp_path)
