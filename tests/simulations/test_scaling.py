"""How the benchmark varies a runner's muscles, and fits a power."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.scaling import exponent, with_muscles
from formats import description
from simulations.equations.band import check_symmetric


def test_runner_with_fewer_and_with_more_muscles(planar_folder: Path) -> None:
    runner = description.read(planar_folder / "runner.json")
    all_of_them = len(runner.muscles)
    for count in (4, all_of_them, all_of_them + 2):
        changed = with_muscles(runner, count)
        names = [muscle.name for muscle in changed.muscles]
        assert len(set(names)) == count
        assert {muscle.mirror for muscle in changed.muscles} == set(names)
        check_symmetric(changed)
    for count in (3, 0, 2 * all_of_them + 2):
        with pytest.raises(ValueError, match="an even number"):
            with_muscles(runner, count)


def test_power_is_found() -> None:
    sizes = np.array([25.0, 50.0, 100.0])
    assert exponent(sizes, 3.0 * sizes**1.5) == pytest.approx(1.5)
