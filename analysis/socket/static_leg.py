"""One leg held still in the air by its muscles, in OpenSim: what each has to pull, and the hip.

Pelvis, trunk and the other leg are held. The moving leg's hip, knee, ankle and subtalar joint are
balanced by its muscles alone against gravity; the toes by their spring. Each muscle's force lies
between those at rest and at full activation, fibre and tendon in equilibrium, and is taken to rise
evenly with activation between them. Of all ways to balance the leg the one with the least effort
(Rule; by default the sum of squared activations) is taken (scipy's SLSQP). Units SI, angles deg
where the name says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opensim
from scipy.optimize import minimize

from analysis.replayed.anatomy import hip_force
from analysis.replayed.coupling import evaluate
from analysis.replayed.frames import body_of, rotation
from analysis.replayed.model import RunnerModel
from analysis.socket import tendon
from formats import description

BALANCED = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")
ALSO_IF_FREE = ("subtalar_angle",)
TILT = "pelvis_tilt"
REST, FULL = 0.01, 1.0
TOLERANCE_NM = 1e-3
"""How far a balanced joint's moment may be from what gravity asks for, Nm."""


@dataclass(frozen=True)
class Posture:
    """What gravity asks for in one posture, and what the muscles can give there.

    state: posed, everything held. moment (J,): that balances gravity, Nm. arms (J, M): moment arms,
    m. rest, full (M,): tendon force at rest and fully active, N.
    """

    state: Any
    moment: np.ndarray
    arms: np.ndarray
    rest: np.ndarray
    full: np.ndarray


@dataclass(frozen=True)
class Rule:
    """What effort is: the sum of activation ** power, or (of_force) of squared tendon forces.

    capped: a weak muscle is as costly as a strong one and only ends earlier; else its maximal force
    is smaller in the effort, too. locked: joints (coordinates without side) that need no muscle.
    """

    power: int = 2
    of_force: bool = False
    capped: bool = False
    locked: tuple[str, ...] = ()


class StaticLeg:
    """A runner of whom one leg moves."""

    def __init__(self, folder: Path, side: str = "r") -> None:
        """folder: of runner.osim and runner.json. ValueError if it lacks a coordinate."""
        runner = description.read(folder / "runner.json")
        self.side = side
        self.model = RunnerModel(folder / "runner.osim", runner, "anatomical")
        names = [f"{name}_{side}" for name in BALANCED]
        missing = [name for name in [*names, TILT] if name not in self.model.coordinates]
        if missing:
            raise ValueError(
                f"{folder}: the runner has no coordinate {missing[0]}; a leg in three dimensions "
                "is needed, as the spatial runner's"
            )
        also = (f"{name}_{side}" for name in ALSO_IF_FREE)
        self.balanced = [*names, *(name for name in also if name in self.model.coordinates)]
        self.muscles = [m for m in self.model.muscles if m.getName().endswith(f"_{side}")]
        self.heads = [m.getName().removesuffix(f"_{side}") for m in self.muscles]
        self.weight = self.model.weight
        found = self.model.model.getCoordinateSet()
        self._coordinates = {name: found.get(name) for name in self.model.coordinates}
        self._hip = self.model.joint_of(f"hip_flexion_{side}")
        self._pelvis = body_of(self._hip.getParentFrame())

    def posture(self, tilt_deg: float, angles_deg: dict[str, float]) -> Posture:
        """The leg at these angles (names without side), all others zero, the pelvis so tilted."""
        model = self.model
        values = {TILT: tilt_deg} | {f"{name}_{self.side}": a for name, a in angles_deg.items()}
        pulls = []
        state = self._posed(values, ["muscles", "passive"])
        for activation in (REST, FULL):
            for muscle in self.muscles:
                muscle.setActivation(state, activation)
            model.model.equilibrateMuscles(state)
            model.model.realizeDynamics(state)
            pulls.append(np.array([muscle.getTendonForce(state) for muscle in self.muscles]))
        arms = [
            [muscle.computeMomentArm(state, self._coordinates[name]) for muscle in self.muscles]
            for name in self.balanced
        ]
        for coordinate in self._coordinates.values():
            coordinate.setLocked(state, True)
        return Posture(state, self._gravity(values), np.array(arms), *pulls)

    def _gravity(self, values_deg: dict[str, float]) -> np.ndarray:
        """(J,) Nm, moments that hold the leg; what a dependent coordinate asks for, too."""
        model = self.model
        state = self._posed(values_deg, ["passive"])
        model.model.realizeVelocity(state)
        still = opensim.Vector(state.getNU(), 0.0)
        asked = dict(
            zip(model.speeds, model.inverse_dynamics.solve(state, still).to_numpy(), strict=True)
        )
        for coupling in model.runner.couplings:
            angle = np.radians(values_deg.get(coupling.independent, 0.0))
            slope = float(evaluate(coupling, angle)[1])
            asked[coupling.independent] += slope * asked[coupling.dependent]
        return np.array([asked[name] for name in self.balanced])

    def _posed(self, values_deg: dict[str, float], forces: list[str]) -> Any:
        """A state at rest in which the independent coordinates have these values, else zero."""
        model = self.model
        values = {name: np.radians(values_deg.get(name, 0.0)) for name in model.coordinates}
        for coupling in model.runner.couplings:
            follows = evaluate(coupling, values[coupling.independent])[0]
            values[coupling.dependent] = float(follows)
        y = model.default_y.copy()
        for path, index in model.y_index.items():
            if path.endswith("/speed"):
                y[index] = 0.0
            elif path.endswith("/value"):  # a locked coordinate stays where it is
                y[index] = values.get(path.split("/")[-2], y[index])
        state = model.state(forces)
        state.setY(opensim.Vector.createFromMat(y))
        return state

    def share(
        self, posture: Posture, strength: dict[str, float], rule: Rule | None = None
    ) -> np.ndarray | None:
        """(M,) forces (N) that balance the leg with the least effort; None if none can.

        strength: head (name without side) -> factor on its maximal isometric force, 1 if absent.
        rule: what effort is, and how a muscle is weak; None: squared activations, all joints.
        """
        rule = rule or Rule()
        factor = np.array([strength.get(head, 1.0) for head in self.heads])
        scale = np.ones(len(factor)) if rule.capped else factor
        rest, full = posture.rest * scale, posture.full * scale
        most = factor if rule.capped else np.ones(len(factor))
        rows = [i for i, name in enumerate(self.balanced) if name[:-2] not in rule.locked]
        arms, span = posture.arms[rows], full - rest
        gain = arms * span
        asked = posture.moment[rows] - arms @ rest
        power, floor, size = (
            (2, rest, span)
            if rule.of_force
            else (rule.power, np.zeros_like(rest), np.ones(len(rest)))
        )
        unit = 1000.0 if rule.of_force else 1.0  # N

        def effort(a: np.ndarray) -> float:
            return float(np.sum(((floor + a * size) / unit) ** power))

        def slope(a: np.ndarray) -> np.ndarray:
            return power * ((floor + a * size) / unit) ** (power - 1) * size / unit

        found = minimize(
            effort,
            np.minimum(0.05, most),
            jac=slope,
            bounds=[(0.0, top) for top in most],
            constraints={"type": "eq", "fun": lambda a: gain @ a - asked, "jac": lambda a: gain},
            method="SLSQP",
            options={"maxiter": 500, "ftol": 1e-12},
        )
        if not found.success or np.abs(gain @ found.x - asked).max() > TOLERANCE_NM:
            return None
        return np.asarray(rest + found.x * span)

    def hip_force(self, posture: Posture, forces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(3,) N each, pelvis frame: head on socket, and iliopsoas tendon on what it wraps."""
        state = posture.state
        for muscle, force in zip(self.muscles, forces, strict=True):
            muscle.overrideActuation(state, True)
            muscle.setOverrideActuation(state, float(force))
        self.model.model.realizeAcceleration(state)
        into_pelvis = rotation(self._pelvis, state).T
        wrapped = np.zeros(3)
        for muscle, head, force in zip(self.muscles, self.heads, forces, strict=True):
            if head in tendon.MUSCLES:
                wrapped += tendon.on_pelvis(muscle, state, into_pelvis, float(force))[0]
        return hip_force(self._hip, state, into_pelvis), wrapped
