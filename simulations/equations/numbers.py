"""Every number of a runner as a symbol, so that functions built once serve all runners alike.

What stays a constant is the structure: joint axes and frame orientations, exact zeros and ones
(they let the symbolic products of a planar tree collapse), and what the equations do not hold.
Runners of one structure differ in their numbers alone: strength, lengths, masses, contact.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import casadi as ca
import numpy as np
from pydantic import BaseModel

from formats.description import Muscle, RunnerDescription

# Fields that orient or bound, or that no equation holds.
_STRUCTURAL = {"rotation", "axis", "plane_normal", "range", "default", "model_mass", "leg_length"}
# Of the skeleton; muscles and actuators have numbers of their own.
_SKELETON = ("gravity", "couplings", "bodies", "joints", "contacts", "passive", "bands")
# Numbers of a muscle that its equations hold, in the order in which functions take them.
MUSCLE_NUMBERS = (
    "max_isometric_force",
    "optimal_fiber_length",
    "tendon_slack_length",
    "pennation_angle_at_optimal",
    "max_contraction_velocity",
    "activation_time_constant",
    "deactivation_time_constant",
    "active_force_width_scale",
    "fiber_damping",
    "passive_fiber_strain_at_one_norm_force",
    "tendon_strain_at_one_norm_force",
    "mass",
    "ratio_slow_twitch_fibers",
)

Visit = Callable[[tuple[str, ...], float], Any]


def vector(values: Sequence[float | ca.SX]) -> ca.SX:
    """A column of numbers or symbols; exact zeros become structural ones."""
    return ca.sparsify(ca.vertcat(*[ca.SX(value) for value in values]))


def skeleton(runner: RunnerDescription) -> tuple[RunnerDescription, ca.SX]:
    """The runner with symbols for the numbers of the skeleton, and these symbols as a column."""
    symbols: list[ca.SX] = []

    def visit(path: tuple[str, ...], _: float) -> ca.SX:
        symbols.append(ca.SX.sym("/".join(path)))
        return symbols[-1]

    return runner.model_copy(update=_skeleton(runner, visit)), ca.vertcat(ca.SX(0, 1), *symbols)


def skeleton_values(runner: RunnerDescription) -> dict[str, float]:
    """Numbers of the skeleton by name ('bodies/femur_r/mass'), in the order of the symbols."""
    found: dict[str, float] = {}

    def visit(path: tuple[str, ...], value: float) -> float:
        found["/".join(path)] = value
        return value

    _skeleton(runner, visit)
    return found


def skeleton_structure(runner: RunnerDescription) -> str:
    """What decides the skeleton's functions: equal for runners that differ in numbers alone."""
    parts = _skeleton(runner, lambda _, value: "number")
    names = [coordinate.name for coordinate in runner.coordinates]

    def plain(value: Any) -> Any:
        if isinstance(value, BaseModel):
            held = {key: getattr(value, key) for key in type(value).model_fields}
            return {key: part for key, part in held.items() if key not in ("range", "default")}
        raise TypeError(type(value))

    return json.dumps([names, parts], default=plain, sort_keys=True)


def _skeleton(runner: RunnerDescription, visit: Visit) -> dict[str, Any]:
    return {name: _walk(getattr(runner, name), (name,), visit) for name in _SKELETON}


def _walk(value: Any, path: tuple[str, ...], visit: Visit) -> Any:
    """The same with every number that is a parameter replaced by what `visit` returns."""
    if isinstance(value, BaseModel):
        fields = [name for name in type(value).model_fields if name not in _STRUCTURAL]
        held = {name: _walk(getattr(value, name), (*path, name), visit) for name in fields}
        return value.model_copy(update=held)
    if isinstance(value, list):
        names = [str(getattr(part, "name", i)) for i, part in enumerate(value)]
        return [_walk(p, (*path, n), visit) for p, n in zip(value, names, strict=True)]
    if isinstance(value, float) and value not in (0.0, 1.0, -1.0):
        return visit(path, value)
    return value


def muscle(like: Muscle) -> tuple[Muscle, ca.SX]:
    """A muscle with symbols for its numbers (MUSCLE_NUMBERS), and these symbols as a column."""
    symbols = {name: ca.SX.sym(name) for name in MUSCLE_NUMBERS}
    return like.model_copy(update=symbols), ca.vertcat(*symbols.values())


def muscle_values(runner: RunnerDescription) -> np.ndarray:
    """Numbers of all muscles (MUSCLE_NUMBERS x nm, SI)."""
    table = [[getattr(m, name) for name in MUSCLE_NUMBERS] for m in runner.muscles]
    return np.array(table, dtype=float).reshape(-1, len(MUSCLE_NUMBERS)).T
