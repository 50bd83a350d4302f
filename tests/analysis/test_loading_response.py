"""Loading response, late swing and stance on a stride whose course is written down."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.measures import loading_response
from analysis.replayed.gait import Cycle
from analysis.replayed.quantities import Dynamics
from analysis.replayed.stride import Stride
from formats.gait_events import Events

TIME = np.linspace(0.0, 1.0, 201)
FOOT = Events(contact=0.9, toe_off=1.2, stride_time=1.0, phases=1)
SINCE = (TIME - FOOT.contact) % 1.0
FLEXION = 20.0 + 30.0 * np.sin(2 * np.pi * SINCE / 0.6)
"""deg; peak 0.15 s after contact, in the middle of the stance, over the stored end."""


def dynamics(like: Dynamics, muscles: dict[str, np.ndarray]) -> Dynamics:
    """The knee loses 2 W/kg throughout, the hip gains as much; muscles: tendon force (N)."""
    names = ["hip_flexion_r", "knee_angle_r", "ankle_angle_r"]
    shape = (len(TIME), 1)
    return replace(
        like,
        names=names,
        mass=70.0,
        speed=np.tile([1.0, 4.0, 1.0], shape),
        generalised={"net": 70.0 * np.tile([2.0, -0.5, 0.0], shape)},
        muscle_names=list(muscles),
        tendon_force=np.stack(list(muscles.values()), axis=1),
    )


def test_work_is_that_of_one_step_from_contact_to_peak_knee_flexion(hop_stride: Stride) -> None:
    d = dynamics(hop_stride.dynamics, {"soleus_r": np.zeros_like(TIME)})
    row = loading_response.outcomes(
        d, Cycle(TIME, FOOT.contact), FOOT, side="r", knee_flexion=FLEXION
    )
    assert row["loading_response_s"] == pytest.approx(0.15, abs=1e-3)
    unit = "loading_response_negative_work_j_kg_step"
    assert row[f"knee_{unit}"] == pytest.approx(2.0 * 0.15, abs=2e-3)  # the stride's is 2.0
    assert row[f"hip_{unit}"] == row[f"ankle_{unit}"] == 0.0


def test_peaks_are_of_their_phase_and_of_the_heads_together(hop_stride: Stride) -> None:
    """Swing is 0.3 to 1.0 s after contact; its second half begins at 0.65 s."""

    def bump(at: float, size: float) -> np.ndarray:
        return size * np.exp(-(((SINCE - at) / 0.02) ** 2))

    muscles = {
        "semimem_r": bump(0.9, 300.0) + bump(0.4, 900.0),
        "semiten_r": bump(0.9, 100.0),
        "bflh_l": bump(0.9, 999.0),
        "glmax1_r": bump(0.1, 500.0) + bump(0.95, 50.0),
        "glmed1_r": bump(0.1, 700.0) + bump(0.9, 999.0),
        "glmin1_r": bump(0.1, 200.0),
    }
    cycle = Cycle(TIME, FOOT.contact)
    row = loading_response.outcomes(
        dynamics(hop_stride.dynamics, muscles), cycle, FOOT, side="r", knee_flexion=FLEXION
    )
    assert row["hamstrings_force_late_swing_peak_n"] == pytest.approx(400.0, rel=1e-3)
    assert row["glmax_force_late_swing_peak_n"] == pytest.approx(50.0, rel=1e-3)
    assert row["hip_abductors_force_stance_peak_n"] == pytest.approx(900.0, rel=1e-3)
    without = dynamics(hop_stride.dynamics, {"soleus_r": np.zeros_like(TIME)})
    row = loading_response.outcomes(without, cycle, FOOT, side="r", knee_flexion=FLEXION)
    assert math.isnan(row["hip_abductors_force_stance_peak_n"])
