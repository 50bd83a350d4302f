"""A planar solution as the start of a runner in three dimensions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from formats.description import RunnerDescription
from simulations.collocation import objective
from simulations.problems.problem import Mesh, Problem, pose, unknown_names
from simulations.solving import planar_to_spatial as lift
from tests.simulations.conftest import INTERVALS, ROOT, SPEED, Solved

MERGED = {"vasmed": "vaslat"}


def posed(runner: RunnerDescription, solved: Solved, intervals: int) -> Problem:
    return pose(
        runner, speed=SPEED, mesh=Mesh(intervals), objective=objective.objective("metabolic_mix"),
        reference=solved.stored.reference(), habit_weight=1.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def richer(solved: Solved) -> RunnerDescription:
    """The planar runner with one more head of the vasti and one more abductor on each side."""
    runner = solved.problem.runner
    more = []
    for muscle in runner.muscles:
        for model, head in (("vaslat", "vasmed"), ("sart", "glmed1")):
            if muscle.name.startswith(model):
                side = muscle.name[-2:]
                other = "_l" if side == "_r" else "_r"
                more.append(muscle.model_copy(update={"name": head + side, "mirror": head + other}))
    return runner.model_copy(update={"muscles": [*runner.muscles, *more]})


def test_what_both_have_is_taken_over(solved: Solved, richer: RunnerDescription) -> None:
    problem = posed(richer, solved, 2 * INTERVALS)
    start = lift.lifted(problem, solved.stored, MERGED)
    assert start.near
    assert not start.warm
    duration, z = problem.program.unpack(start.x)
    assert duration == solved.stored.duration
    names = unknown_names(problem)
    for name in (
        "value/hip_flexion_r",
        "speed/pelvis_tx",
        "activation/psoas_l",
        "control/lumbar_ext",
    ):
        planar = solved.stored.z[solved.stored.names.index(name)]
        np.testing.assert_allclose(z[names.index(name), ::2], planar, rtol=0, atol=1e-12)


def test_merged_heads_start_like_the_muscle_that_stands_for_them(
    solved: Solved, richer: RunnerDescription
) -> None:
    problem = posed(richer, solved, INTERVALS)
    _, z = problem.program.unpack(lift.lifted(problem, solved.stored, MERGED).x)
    names = unknown_names(problem)
    for kind in ("activation", "excitation", "normalized_tendon_force", "tendon_force_rate"):
        rows = [z[names.index(f"{kind}/{head}_r")] for head in ("vasmed", "vaslat")]
        np.testing.assert_array_equal(*rows)
    abductor = {
        kind: z[names.index(f"{kind}/glmed1_l")] for kind in ("activation", "tendon_force_rate")
    }
    assert np.ptp(abductor["activation"]) == 0 < abductor["activation"][0]
    np.testing.assert_array_equal(abductor["tendon_force_rate"], 0)


def test_a_stranger_is_refused(solved: Solved) -> None:
    runner = solved.problem.runner
    fewer = runner.model_copy(
        update={"muscles": [m for m in runner.muscles if not m.name.startswith("tibant")]}
    )
    with pytest.raises(ValueError, match="activation/tibant_l is unknown to this runner"):
        lift.lifted(posed(fewer, solved, 2), solved.stored, MERGED)


def test_heads_are_those_of_the_planar_runner(tmp_path: Path) -> None:
    merged = lift.merged_heads(ROOT / "models" / "parameters" / "planar_muscles.csv")
    assert merged["glmax3"] == "glmax2"
    assert merged["vasmed"] == "vaslat"
    assert merged["psoas"] == "psoas"
    assert "glmed1" not in merged
    (tmp_path / "heads.csv").write_text("muscle,parts\npsoas,psoas\n")
    with pytest.raises(ValueError, match="column heads is missing"):
        lift.merged_heads(tmp_path / "heads.csv")
