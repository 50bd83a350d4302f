from __future__ import annotations

import numpy as np
import pytest

from analysis.measures import energetics, glutes, moments
from analysis.replayed.case import Case
from analysis.replayed.coupling import evaluate
from analysis.replayed.model import RunnerModel
from analysis.replayed.quadrature import negative, positive, weights
from analysis.replayed.replay import Replay
from analysis.replayed.stride import Stride
from formats.description import Coupling, Linear, Polynomial, Spline


def test_net_moment_is_the_sum_of_what_acts(hop_stride: Stride) -> None:
    d = hop_stride.dynamics
    parts = sum(d.generalised[name] for name in ("muscles", "passive", "actuators"))
    assert d.generalised["net"] == pytest.approx(parts, abs=1e-6)
    assert np.abs(d.coordinate(d.generalised["net"], "knee_angle_r")).max() > 5


def test_passive_and_actuator_moments_are_their_laws(hop_case: Case, hop_stride: Stride) -> None:
    d = hop_stride.dynamics
    q, u = (hop_case.coordinate("knee_angle_r", what) for what in ("value", "speed"))
    passive = d.coordinate(d.generalised["passive"], "knee_angle_r")
    assert passive == pytest.approx(-30 * q - 1.0 * u, abs=1e-6)
    motor = d.coordinate(d.generalised["actuators"], "lumbar_extension")
    assert motor == pytest.approx(np.full(len(q), 20.0), abs=1e-6)


def test_knee_moment_carries_the_patella(hop_case: Case, hop_stride: Stride) -> None:
    """Muscle moment = force x moment arm by OpenSim's own solver, the patella moving."""
    model = RunnerModel(hop_case.folder / "runner.osim", hop_case.runner, "anatomical")
    replay, state = Replay(model, hop_case), model.state()
    d = hop_stride.dynamics
    knee = model.component("/jointset/walker_knee_r/knee_angle_r")
    for node in (0, 50):
        replay.pose(state, node)
        moment = sum(
            d.tendon_force[node, i] * model.muscles[i].computeMomentArm(state, knee)
            for i, name in enumerate(d.muscle_names)
            if name in ("vaslat_r", "semimem_r")
        )
        index = d.names.index("knee_angle_r")
        assert hop_stride.anatomy.muscle_moment[node, index] == pytest.approx(moment, abs=1e-4)


def test_peaks_and_work_of_one_leg(hop_stride: Stride) -> None:
    d, w = hop_stride.dynamics, hop_stride.weights
    row = moments.outcomes(d, hop_stride.percent("r"), w, side="r", distance=2.0)
    hip = d.coordinate(d.generalised["net"], "hip_flexion_r") / d.mass
    assert row["hip_flexor_moment_peak_nm_kg"] == hip.max()
    assert row["hip_extensor_moment_peak_nm_kg"] == -hip.min()
    at = hop_stride.percent("r")[int(np.argmax(hip))]
    assert row["hip_flexor_moment_peak_percent"] == at
    leg = [n for n in d.names if not n.startswith(("pelvis", "lumbar"))]
    total = sum(w @ moments.power(d, name) for name in leg) / 2.0
    difference = row["leg_positive_work_j_kg_m"] - row["leg_negative_work_j_kg_m"]
    assert difference == pytest.approx(total)
    assert row["leg_negative_work_j_kg_m"] > 0
    trunk = w @ moments.power(d, "lumbar_extension") / 2.0
    assert row["trunk_positive_work_j_kg_m"] - row["trunk_negative_work_j_kg_m"] == pytest.approx(
        trunk
    )


def test_cost_counts_the_basal_rate(hop_case: Case, hop_stride: Stride) -> None:
    d, w = hop_stride.dynamics, hop_stride.weights
    row = energetics.outcomes(d, w, distance=0.5)
    basal = row["metabolic_cost_j_kg_m"] - row["metabolic_cost_net_j_kg_m"]
    assert basal == pytest.approx(1.2 * hop_case.time[-1] / 0.5)
    work = row["muscle_positive_work_j_kg_m"] - row["muscle_negative_work_j_kg_m"]
    # Tendon forces are constant, so tendons store nothing: fibres do all the work.
    fibre = row["fibre_positive_work_j_kg_m"] - row["fibre_negative_work_j_kg_m"]
    assert fibre == pytest.approx(work, rel=1e-6)
    muscle_mass = sum(m.mass for m in hop_case.runner.muscles)
    # Every muscle makes at least 1 W/kg of heat.
    assert d.metabolic_rate.min() > 1.2 * d.mass + 0.5 * muscle_mass


def test_glutes_of_a_known_history(hop_case: Case) -> None:
    runner = hop_case.runner
    n, m = 201, len(runner.muscles)
    percent = np.linspace(0, 100, n, endpoint=False)
    index = glutes.members(runner.muscles, "glmax", "r")
    assert [runner.muscles[i].name for i in index] == ["glmax2_r"]
    activation, force, power = np.zeros((3, n, m))
    on = (percent > 88) | (percent < 20)
    activation[:, index[0]] = np.where(on, 0.5, 0.05)
    force[:, index[0]] = 700.0 * on
    power[:, index[0]] = np.where(percent < 50, 70.0, -35.0)
    w = np.full(n, 0.7 / n)
    stance = np.where(percent < 40, w, 0.0)
    history = glutes.Histories(activation, force, power, 2 * power, percent, w, stance)
    row = glutes.outcomes(runner.muscles, history, "r", mass=70.0)
    assert row["glmax_activation_stance_mean"] == pytest.approx(0.275, abs=0.005)
    assert row["glmax_activation_on_percent"] == pytest.approx(88, abs=0.6)
    assert row["glmax_activation_off_percent"] == pytest.approx(20, abs=0.6)
    assert row["glmax_force_peak_per_capacity"] == pytest.approx(0.2)
    assert row["glmax_impulse_n_s"] == pytest.approx(700 * 0.32 * 0.7, rel=0.02)
    assert row["glmax_work_positive_j_kg"] == pytest.approx(0.35, rel=0.02)
    assert row["glmax_fibre_work_negative_j_kg"] == pytest.approx(0.35, rel=0.02)
    assert np.isnan(row["glmed_activation_stance_mean"])
    assert row["iliopsoas_force_peak_n"] == 0


def test_work_weights() -> None:
    time = np.linspace(0, 1, 5)
    assert weights(time, "hermite_simpson") @ time**3 == pytest.approx(0.25)
    assert weights(np.array([0, 0.2, 1.0]), "trapezoidal") @ [1, 1, 3] == pytest.approx(1.8)
    with pytest.raises(ValueError, match="hermite_simpson needs an odd"):
        weights(np.linspace(0, 1, 4), "hermite_simpson")
    with pytest.raises(ValueError, match="radau"):
        weights(time, "radau")
    power = np.array([[1.0], [-2.0]])
    assert (positive(np.ones(2), power), negative(np.ones(2), power)) == ([1.0], [2.0])


@pytest.mark.parametrize(
    "function",
    [
        Linear(slope=0.7, intercept=0.1),
        Polynomial(coefficients=[0.08, 0.6, 0.02]),
        Spline(x=[-1.0, 0.0, 1.0], y=[0.0, 0.2, 1.0], dy=[0.1, 0.4, 1.2]),
    ],
)
@pytest.mark.parametrize("q", [-1.7, -0.4, 0.3, 2.0])
def test_couplings_slopes_are_those_of_their_values(function: Linear, q: float) -> None:
    coupling = Coupling(dependent="b", joint="j", independent="a", function=function)
    h = 1e-4
    low, here, high = (float(evaluate(coupling, np.array(x))[0]) for x in (q - h, q, q + h))
    _, slope, curvature = evaluate(coupling, np.array(q))
    assert slope == pytest.approx((high - low) / (2 * h), abs=1e-6)
    assert curvature == pytest.approx((high - 2 * here + low) / h**2, abs=1e-5)
