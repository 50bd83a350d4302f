"""A measured stride over time: joint moments with their spread, reserves, residuals, muscles."""

from __future__ import annotations

import numpy as np
import pandas as pd

from formats.trial import emg
from formats.trial.measured import GRAVITY
from formats.trial.reading import Trial
from formats.trial.strides import Stride
from simulations.problems.sharing import Shared
from simulations.solving.load_sharing import Sharer

FILE = "shares.csv"


def table(trial: Trial, stride: Stride, sharer: Sharer, shared: Shared) -> pd.DataFrame:
    """A row for each node, by per cent of the stride.

    <coordinate>_moment (N m; N for a translation): by inverse dynamics, at the root what is
    missing there; _moment_mean, _moment_sd: over all whole strides of the leg; <coordinate>_reserve
    (N m): of its actuator; <muscle>_activation, _excitation, <muscle>_force_bw (times body weight).
    """
    demand, runner, layout = shared.demand, shared.problem.runner, shared.problem.layout
    phase = demand.time / demand.time[-1]
    columns = {"percent": 100.0 * phase}
    every = np.array(
        [
            sharer.demand(trial, one.start, one.end).moments
            for one in trial.strides[trial.settings.side]
        ]
    )
    for i, coordinate in enumerate(runner.coordinates):
        columns[f"{coordinate.name}_moment"] = demand.moments[i]
        columns[f"{coordinate.name}_moment_mean"] = every[:, i].mean(axis=0)
        columns[f"{coordinate.name}_moment_sd"] = every[:, i].std(axis=0)
    controls = dict(zip((a.name for a in runner.actuators), shared.block("c"), strict=True))
    for actuator in runner.actuators:
        columns[f"{actuator.coordinate}_reserve"] = actuator.optimal_force * controls[actuator.name]
    weight = GRAVITY * sum(body.mass for body in runner.bodies)
    force = dict(
        zip((runner.muscles[i].name for i in layout.compliant), shared.block("F"), strict=True)
    )
    for muscle, a, e in zip(runner.muscles, shared.block("a"), shared.block("e"), strict=True):
        columns[f"{muscle.name}_activation"] = a
        columns[f"{muscle.name}_excitation"] = e
        if muscle.name in force:
            columns[f"{muscle.name}_force_bw"] = (
                muscle.max_isometric_force * force[muscle.name] / weight
            )
    return pd.DataFrame(columns | _envelopes(trial, stride, shared, phase))


def _envelopes(
    trial: Trial, stride: Stride, shared: Shared, phase: np.ndarray
) -> dict[str, np.ndarray]:
    """<muscle>_emg: its envelope over its peak, from the contact of its own foot on."""
    if trial.settings.emg is None:
        return {}
    muscles = [muscle.name for muscle in shared.problem.runner.muscles]
    found = emg.read(trial.folder / trial.settings.emg, muscles)
    start, length = stride.start, stride.duration
    after = {}
    for side in "rl":
        landing, _ = trial.contacts(side)
        inside = landing[(landing >= start - 1e-9) & (landing < start + length)]
        after[side] = (float(inside[0]) - start) / length if len(inside) else 0.0
    return {f"{name}_emg": found.at(name, phase - after[name[-1]]) for name in found.values}
