"""What the second edition of the rule measures anew: shared tendon, gluteal window, own sockets."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measures.glutes import Histories, demand, window_mean
from analysis.measures.hip_loads import HipLoads
from analysis.measures.tendon_readings import READINGS
from analysis.socket.bearing import cover_at, default, population
from analysis.socket.equilibrium import solve
from analysis.socket.ligaments import hip_rotation
from analysis.socket.tendon import share_on_head
from formats.muscles import WINDOW

ANGLES = st.floats(-20, 20)


def loads(flexion: np.ndarray, force: list[float], tendon: list[float]) -> HipLoads:
    """A hip at these flexion angles (deg), the same force and tendon throughout."""
    n = len(flexion)
    even = np.full(n, 1.0 / n)
    return HipLoads(
        side="r",
        weight=700.0,
        contact=0.0,
        time=np.linspace(0, 0.7, n),
        percent=np.linspace(0, 99, n),
        weights=even,
        stance=even,
        force=np.tile(force, (n, 1)).astype(float),
        tendon=np.tile(tendon, (n, 1)).astype(float),
        offset=np.zeros(n),
        rotation=np.array([hip_rotation((f, 0.0, 0.0), "r") for f in flexion]),
        rate=np.zeros((n, 3)),
    )


@pytest.mark.parametrize(
    ("flexion", "share"),
    [(-20.0, 1.0), (0.0, 1.0), (15.0, 1.0), (30.0, 0.5), (39.0, 0.2), (45.0, 0.0), (100.0, 0.0)],
)
@pytest.mark.parametrize("side", ["r", "l"])
def test_the_tendon_leaves_the_head_as_the_hip_flexes(
    flexion: float, share: float, side: str
) -> None:
    rotation = hip_rotation((flexion, 0.0, 0.0), side)
    assert share_on_head(rotation[None])[0] == pytest.approx(share)


@settings(max_examples=50, deadline=None)
@given(st.floats(-30, 110), ANGLES, ANGLES)
def test_the_share_is_of_flexion_alone(flexion: float, adduction: float, turn: float) -> None:
    """However the thigh is turned besides: flexion comes first in the model's sequence."""
    plain = share_on_head(hip_rotation((flexion, 0.0, 0.0), "r")[None])
    turned = share_on_head(hip_rotation((flexion, adduction, turn), "r")[None])
    assert turned == pytest.approx(plain, abs=1e-9)


def test_the_shared_reading_lies_between_the_two() -> None:
    hip = loads(np.array([0.0, 30.0, 60.0]), [100.0, 900.0, -50.0], [-200.0, -30.0, 0.0])
    pelvis, head, shared = (hip.reading(suffix) for suffix in READINGS)
    assert np.allclose(shared[0], head[0]) and np.allclose(shared[2], pelvis[2])
    assert np.allclose(shared[1], (pelvis[1] + head[1]) / 2)


@settings(max_examples=50, deadline=None)
@given(st.integers(8, 60), st.floats(0, 99), st.floats(0, 1), st.floats(-1, 1))
def test_the_gluteal_window_is_a_mean_across_contact(
    nodes: int, first: float, level: float, slope: float
) -> None:
    """A constant is its own mean, in any rotation of the stride, and the mean is linear."""
    percent = (first + np.linspace(0, 100, nodes, endpoint=False)) % 100
    assert window_mean(percent, np.full(nodes, level)) == pytest.approx(level)
    wave = np.cos(2 * np.pi * percent / 100)
    both = window_mean(percent, level + slope * wave)
    assert both == pytest.approx(level + slope * window_mean(percent, wave), abs=1e-9)


def test_the_window_is_from_85_to_20_per_cent() -> None:
    """Of a fine cosine the integral is known; of a box inside it, its share of 35 per cent."""
    percent = np.linspace(0, 100, 2000, endpoint=False)
    begin, end = WINDOW
    wave = np.cos(2 * np.pi * percent / 100)
    edges = np.sin(2 * np.pi * np.array([end, begin - 100.0]) / 100)
    expected = (edges[0] - edges[1]) * 100 / (2 * np.pi) / (end + 100 - begin)
    assert window_mean(percent, wave) == pytest.approx(expected, abs=1e-4)
    box = ((percent > 95) | (percent < 2)).astype(float)
    assert window_mean(percent, box) == pytest.approx(7 / 35, abs=2e-3)
    assert np.isnan(window_mean(percent, np.full(2000, np.nan)))


def test_demand_is_of_the_capacity_that_is_left() -> None:
    """Half as strong by its largest activation, twice the demand; heads weighted by volume."""

    def head(name: str, force: float, most: float) -> Any:
        made = {"name": name, "max_isometric_force": force, "optimal_fiber_length": 0.1}
        return SimpleNamespace(**made, max_control=most)

    nothing = np.zeros((3, 2))
    activation = np.array([[0.1, 0.1], [0.3, 0.3], [0.2, 0.0]])
    steps = np.linspace(0, 99, 3)
    h = Histories(activation, nothing, nothing, nothing, steps, np.ones(3), np.ones(3))
    whole = demand([head("psoas_r", 1000, 1.0), head("iliacus_r", 1000, 1.0)], [0, 1], h)
    weak = demand([head("psoas_r", 1000, 0.5), head("iliacus_r", 1000, 0.5)], [0, 1], h)
    uneven = demand([head("psoas_r", 3000, 0.5), head("iliacus_r", 1000, 1.0)], [0, 1], h)
    assert whole == pytest.approx([0.1, 0.3, 0.1])
    assert weak == pytest.approx(2 * whole)
    assert uneven[2] == pytest.approx(0.75 * 0.4)


def test_a_persons_cup_is_so_many_deviations_from_the_mean() -> None:
    people = population()
    assert cover_at((0.0, 0.0, 0.0)) == people.mean
    one = cover_at((2.0, 0.0, -2.0))
    assert one.lateral_centre_edge == pytest.approx(people.high.lateral_centre_edge)
    assert one.anterior_sector == pytest.approx(people.mean.anterior_sector)
    assert one.posterior_sector == pytest.approx(people.low.posterior_sector)


def test_a_lax_capsule_pulls_less_and_lets_the_head_further() -> None:
    """A hip pulled out of its socket in extension, where the iliofemoral ligament is taut."""
    hip = loads(np.array([-20.0]), [0.0, 0.0, 0.0], [0.0, 0.0, 0.0])
    pull = np.array([[60.0, -80.0, 20.0]])
    taut = default()
    lines = tuple(replace(line, slack=2e-3) for line in taut.ligaments)
    found = [
        solve(socket, pull, hip.rotation, "r") for socket in (taut, replace(taut, ligaments=lines))
    ]
    moved = [float(np.linalg.norm(one.displacement)) for one in found]
    pulled = [float(np.linalg.norm(one.ligaments)) for one in found]
    assert moved[1] > moved[0] and pulled[1] < pulled[0]
