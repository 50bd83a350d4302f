"""A free run is slowed and hurried and let go again, and the lowest objective is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulations import predict
from simulations.solving import guess, stride_time_kicks
from simulations.solving.ipopt import Guess
from simulations.solving.stride_time_kicks import KICKS, LOWER
from tests.simulations.conftest import INTERVALS, Solved


def test_the_lowest_is_kept_and_every_solve_recorded(
    solved: Solved, case: dict[str, Any], tmp_path: Path
) -> None:
    stored = solved.stored
    posed = predict.problem(
        solved.problem.runner, case | {"mesh_intervals": INTERVALS}, stored, stored
    )
    start = guess.neighbour(posed, stored)
    best, rungs = stride_time_kicks.lowest(posed, start, tmp_path, label="a")
    assert len(rungs) == 1 + 2 * len(KICKS)
    assert {rung["status"] for rung in rungs} == {"Solve_Succeeded"}
    own = rungs[0]["stride_time_s"]
    assert [rung["stride_time_s"] for rung in rungs[1::2]] == pytest.approx(
        [k * own for k in KICKS]
    )
    # Held away from its optimum, the stride costs more.
    assert all(rung["objective"] > rungs[0]["objective"] for rung in rungs[1::2])
    kept = float(sum(sum(posed.program.terms(best.x, posed.parameters).full())))
    assert kept == pytest.approx(min(rung["objective"] for rung in rungs[::2]), rel=2 * LOWER)
    assert len(list(tmp_path.glob("ipopt_*.log"))) == len(rungs)


def test_a_given_stride_time_is_not_kicked(
    solved: Solved, case: dict[str, Any], tmp_path: Path
) -> None:
    posed = predict.problem(
        solved.problem.runner,
        case | {"cadence": "locked", "mesh_intervals": 2},
        solved.stored,
        solved.stored,
    )
    start = Guess(posed.lower)
    assert stride_time_kicks.lowest(posed, start, tmp_path, label="a") == (start, [])
