"""A prescribed stride time is reached in small steps."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formats.case import ALTERED, STEP_RATES
from simulations import predict
from simulations.solving import guess, run
from simulations.solving import step_rate_continuation as pace
from tests.simulations.conftest import INTERVALS, Solved


def test_every_step_rate_of_a_study_is_known() -> None:
    assert set(STEP_RATES) == {"locked", *ALTERED}
    for cadence in ALTERED:
        assert STEP_RATES[cadence] == pytest.approx(1 + float(cadence[:-1]) / 100)


@pytest.mark.parametrize(
    ("cadence", "ratio"),
    [("+10%", 1 / 1.1), ("+5%", 1 / 1.05), ("-5%", 1 / 0.95), ("-10%", 1 / 0.9)],
)
def test_no_step_is_large(solved: Solved, case: dict[str, Any], cadence: str, ratio: float) -> None:
    runner, stored = solved.problem.runner, solved.stored
    posed = predict.problem(
        runner, case | {"cadence": cadence, "mesh_intervals": 2}, stored, stored
    )
    rungs = pace.rungs(posed, stored.stride_time)
    times = [stored.stride_time, *(time for _, time, _ in rungs), stored.stride_time * ratio]
    factors = [after / before for before, after in pairwise(times)]
    np.testing.assert_allclose(factors, factors[0], rtol=1e-12)
    assert 1.02 < max(factors[0], 1 / factors[0]) <= 1.0 + pace.LARGEST_STEP
    for what, time, between in rungs:
        assert what == "stride_time_s"
        assert between.lower[0] == between.upper[0] == pytest.approx(time / 2)
        np.testing.assert_array_equal(between.lower[1:], posed.lower[1:])
        np.testing.assert_array_equal(between.upper[1:], posed.upper[1:])


@pytest.mark.parametrize("cadence", ["free", "locked"])
def test_no_rungs_where_none_are_needed(solved: Solved, case: dict[str, Any], cadence: str) -> None:
    posed = predict.problem(
        solved.problem.runner,
        case | {"cadence": cadence, "mesh_intervals": 2},
        solved.stored,
        solved.stored,
    )
    assert pace.rungs(posed, solved.stored.stride_time) == []


def test_a_higher_step_rate_is_climbed_to(
    solved: Solved, case: dict[str, Any], tmp_path: Path
) -> None:
    """The habit's runner hurried by 10 %: every rung ends, and is recorded with its log."""
    runner, stored = solved.problem.runner, solved.stored
    hurried = case | {"cadence": "+10%", "mesh_intervals": INTERVALS, "habit_weight": 1.0}
    posed = predict.problem(runner, hurried, stored, stored)
    rungs = pace.rungs(posed, stored.stride_time)
    start, records = run.climb(rungs, guess.neighbour(posed, stored), tmp_path, label="hurried")
    assert [record["stride_time_s"] for record in records] == [time for _, time, _ in rungs]
    assert {record["status"] for record in records} == {"Solve_Succeeded"}
    assert len(list(tmp_path.glob("ipopt_stride_time_s_*.log"))) == len(rungs)
    assert start.x[0] == pytest.approx(rungs[-1][1] / 2, rel=1e-6)
    assert run.run(posed, start, tmp_path, label="hurried", ladder=records).converged
