"""How a measured stride adds up: joint moments, what reserves had to give, what the base lacks."""

from __future__ import annotations

from typing import cast

import numpy as np

from formats.description import RunnerDescription
from formats.solve_records import InverseRecord, ShareOfJoint, Size, StrideTimes
from formats.trial.limits import RESERVE_SHARE
from formats.trial.reading import Trial
from formats.trial.strides import Stride
from simulations.problems import sharing, slack
from simulations.problems.prescribed import base_coordinates
from simulations.problems.sharing import Shared

_FULL = 0.99
"""Activation from which a muscle counts as at its most."""


def report(trial: Trial, stride: Stride, shared: Shared) -> InverseRecord:
    """The content of inverse.json for a stride (units in the keys; angles' moments N m, else N)."""
    demand, runner = shared.demand, shared.problem.runner
    joints = coordinates(shared)
    judged = {name: joint["reserve_share"] for name, joint in joints.items() if joint["judged"]}
    worst = max(judged, key=lambda name: judged[name], default=None)
    beside = {
        name: joint["reserve_share"]
        for name, joint in joints.items()
        if joint["moved_by"] == "muscles" and not joint["judged"]
    }
    base = [runner.coordinates[i].name for i in base_coordinates(runner)]
    order = [trial.curves.names.index(c.name) for c in runner.coordinates]
    distance = trial.distance(stride)[order]
    own, other = (trial.settings.leg, {"right": "left", "left": "right"}[trial.settings.leg])
    landing, leaving = trial.contacts(other[0])
    times = {
        "number": stride.number,
        "leg": own,
        "start_s": stride.start,
        "toe_off_s": stride.toe_off,
        f"{other}_contact_s": _within(landing, stride),
        f"{other}_toe_off_s": _within(leaving, stride),
        "end_s": stride.end,
        "right_strides": len(trial.strides["r"]),
        "left_strides": len(trial.strides["l"]),
    }
    return {
        "trial": trial.folder.resolve().name,
        "stride": cast(StrideTimes, times),
        "filter_hz": trial.settings.filter_hz,
        "strength_percent": trial.settings.strength_percent,
        "reserves": {
            "allowed_share": RESERVE_SHARE,
            "largest_share": judged[worst] if worst else 0.0,
            "coordinate": worst,
            "muscles_at_their_most": at_their_most(shared, worst),
            "refused": [name for name, share in judged.items() if share > RESERVE_SHARE],
            "told": [name for name, share in beside.items() if share > RESERVE_SHARE],
        },
        "coordinates": joints,
        "slack": slack.report(runner, demand, _tendon_forces(shared)),
        "base_residual": {name: _size(demand.moments[_index(runner, name)]) for name in base},
        "fit_rms": {
            c.name: float(value) for c, value in zip(runner.coordinates, distance, strict=True)
        },
    }


def coordinates(shared: Shared) -> dict[str, ShareOfJoint]:
    """Of every coordinate but the base's: moment peak, reserve peak and share, who moves it.

    moved_by: 'muscles' (an actuator there is a reserve), 'actuators' (no muscle crosses it), or
    'unmeasured' (the toes, whose share of the ground's force no plate measures). Judged are the
    reserves of the legs: no claim looks at the trunk, and no muscle of a leg at what it carries.
    """
    runner, layout = shared.problem.runner, shared.problem.layout
    moments, controls = shared.demand.moments, shared.block("c")
    crossed, beyond = sharing.muscled(runner), sharing.beyond_the_force(runner)
    legs = sharing.of_the_legs(runner)
    found: dict[str, ShareOfJoint] = {}
    for i in layout.balanced:
        name = runner.coordinates[i].name
        given = np.zeros(moments.shape[1])
        for control, actuator in zip(controls, runner.actuators, strict=True):
            if actuator.coordinate == name:
                given = given + actuator.optimal_force * control
        peak, reserve = float(np.abs(moments[i]).max()), float(np.abs(given).max())
        moved_by = "unmeasured" if name in beyond else "muscles" if name in crossed else "actuators"
        found[name] = {
            "moved_by": moved_by,
            "judged": moved_by == "muscles" and name in legs,
            "moment_peak": peak,
            "passive_peak": float(np.abs(shared.demand.passive[i]).max()),
            "actuator_peak": reserve,
            "reserve_share": reserve / peak if peak > 0 else 0.0,
        }
    return found


def _tendon_forces(shared: Shared) -> dict[str, np.ndarray]:
    """Normalised tendon force of each muscle with a compliant tendon, at the nodes."""
    muscles = shared.problem.runner.muscles
    names = [muscles[i].name for i in shared.problem.layout.compliant]
    return dict(zip(names, shared.block("F"), strict=True))


def at_their_most(shared: Shared, coordinate: str | None) -> list[str]:
    """Muscles that cross a coordinate and are fully active at some node."""
    muscles = shared.problem.runner.muscles
    return [
        muscle.name
        for muscle, activation in zip(muscles, shared.block("a"), strict=True)
        if coordinate in muscle.path.coordinates and float(activation.max()) > _FULL
    ]


def _within(times: np.ndarray, stride: Stride) -> float | None:
    inside = times[(times > stride.start) & (times < stride.end)]
    return float(inside[0]) if len(inside) else None


def _size(values: np.ndarray) -> Size:
    return {
        "rms": float(np.sqrt(np.mean(values**2))),
        "peak": float(np.abs(values).max()),
    }


def _index(runner: RunnerDescription, name: str) -> int:
    return [c.name for c in runner.coordinates].index(name)
