"""Passive torques: the text OpenSim reads, the numbers the engine reads, and how weak they are."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from formats import description as d
from models.osim import document
from models.rajagopal import passive


def limit_torque(limit: d.ExponentialLimit, q: float, u: float) -> float:
    """The description's own equation."""
    upper = limit.k1 * math.exp(limit.k2 * (q - limit.q1))
    lower = limit.k3 * math.exp(limit.k4 * (q - limit.q2))
    return upper + lower - limit.damping * u


def test_opensim_applies_the_described_torques(planar: Path) -> None:
    """Every passive force of the model, against its description, at random states."""
    runner = d.read(planar / "runner.json")
    model = document.load(planar / "runner.osim")
    state = model.initSystem()
    random = np.random.default_rng(1)
    for part in runner.passive:
        coordinate = model.getCoordinateSet().get(part.coordinate)
        force = model.getForceSet().get(part.name)
        for _ in range(5):
            low, high = coordinate.getRangeMin(), coordinate.getRangeMax()
            q, u = random.uniform(low, high), random.uniform(-10, 10)
            coordinate.setValue(state, q, False)
            coordinate.setSpeedValue(state, u)
            model.realizeDynamics(state)
            if isinstance(part, d.Spring):
                expected = -part.stiffness * (q - part.rest_length) - part.viscosity * u
            else:
                expected = limit_torque(part, q, u)
            found = force.getRecordValues(state).get(0)
            assert found == pytest.approx(expected, rel=1e-10, abs=1e-10)


def test_limits_leave_the_working_range_alone(planar: Path) -> None:
    ranges = {"hip_flexion": (-11, 100), "knee_angle": (0, 128), "ankle_angle": (-45, 29)}
    for part in d.read(planar / "runner.json").passive:
        if isinstance(part, d.ExponentialLimit):
            low, high = np.radians(ranges[part.coordinate[:-2]])
            torques = [limit_torque(part, q, 0.0) for q in np.linspace(low, high, 50)]
            assert np.abs(torques).max() < 2.0


def test_expression_round_trip() -> None:
    numbers = (-2.44, 5.05, 1.81, 1.51, -21.88, -0.6981, 1e-3)
    values = dict(zip(passive.LIMIT_KEYS, numbers, strict=True))
    assert passive.parse_limit(passive.limit_expression(values)) == values
    assert passive.parse_limit("10*q") is None
