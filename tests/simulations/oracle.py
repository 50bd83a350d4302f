"""OpenSim's answers at random states of a runner, on polynomial paths, as JSON.

OpenSim and CasADi cannot share a process: tests of the engine run this one as a command,
`python -m tests.simulations.oracle RUNNER_DIR SEED COUNT OUT.json`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from analysis.replayed.dynamics import add_metabolics
from analysis.replayed.model import RunnerModel
from formats import description
from formats.files import write_json
from formats.names import TENDON_RATE

FORWARD_SPEED = 3.5
DEPTHS = (0.03, 0.004, -0.0005, -0.5)  # of the deepest sphere, in turn (m)
STEP_S = 1e-6  # of numerical derivatives


class Oracle:
    """A runner in OpenSim, and the metabolic rates of its muscles."""

    def __init__(self, folder: Path) -> None:
        self.runner = description.read(folder / "runner.json")
        found: list[Any] = []
        self.model = RunnerModel(
            folder / "runner.osim",
            self.runner,
            "polynomial",
            extend=lambda unfinished: found.append(add_metabolics(unfinished)),
        )
        self.metabolics = found[0]
        self.state = self.model.state()
        constraints = self.model.model.getConstraintSet()
        self.couplers = [
            opensim.CoordinateCouplerConstraint.safeDownCast(constraints.get(i))
            for i in range(constraints.getSize())
        ]
        self.keep = [self.model.speeds.index(name) for name in self.model.coordinates]

    def random(self, generator: np.random.Generator, depth: float) -> dict[str, np.ndarray]:
        """A random state; the deepest sphere `depth` (m) in the ground."""
        r, muscles = self.runner, len(self.runner.muscles)
        low, high = np.transpose([c.range for c in r.coordinates])
        turning = np.array([c.motion == "rotational" for c in r.coordinates])
        # A runner's postures: the middle of each range, and the pelvis near upright.
        q = low + (high - low) * generator.uniform(0.1, 0.9, len(low))
        names = self.model.coordinates
        upright = [i for i, n in enumerate(names) if n.startswith("pelvis") and turning[i]]
        q[upright] *= 0.4
        u = generator.normal(0, np.where(turning, 5.0, 1.0))
        state = {
            "q": q,
            "u": u,
            "a": generator.uniform(0.02, 0.98, muscles),
            "F": generator.uniform(0.02, 1.2, muscles),
            "dF": generator.normal(0, 5.0, muscles),
            "e": generator.uniform(0.02, 0.98, muscles),
            "c": generator.uniform(-1, 1, len(r.actuators)),
        }
        if "pelvis_ty" in names:
            u[names.index("pelvis_tx")] += FORWARD_SPEED
            self.pose(state)
            q[names.index("pelvis_ty")] -= self._lowest() + depth
        return state

    def mass_center_acceleration(self, values: dict[str, np.ndarray]) -> np.ndarray:
        """From OpenSim's velocities, by fourth-order central differences along the motion."""
        self.pose(values)
        self.model.model.realizeAcceleration(self.state)
        du = self.state.getUDot().to_numpy()[self.keep]

        def velocity(time: float) -> np.ndarray:
            q = values["q"] + time * values["u"] + 0.5 * time**2 * du
            self.pose({**values, "q": q, "u": values["u"] + time * du})
            return self.model.model.calcMassCenterVelocity(self.state).to_numpy()

        near, far = (velocity(t) - velocity(-t) for t in (STEP_S, 2 * STEP_S))
        return (8 * near - far) / (12 * STEP_S)

    def _lowest(self) -> float:
        heights = []
        for sphere in self.runner.contacts:
            body = self.model.bodies[sphere.body]
            centre = body.findStationLocationInGround(self.state, opensim.Vec3(*sphere.location))
            heights.append(centre.get(1) - sphere.radius)
        return min(heights)

    def pose(self, values: dict[str, np.ndarray]) -> None:
        """Set the state, dependent coordinates by OpenSim's own coupling functions."""
        model, state = self.model, self.state
        y = model.default_y.copy()
        first = opensim.StdVectorInt()
        first.push_back(0)
        for i, coordinate in enumerate(self.runner.coordinates):
            path = model.coordinate_path(coordinate.name)
            y[model.y_index[f"{path}/value"]] = values["q"][i]
            y[model.y_index[f"{path}/speed"]] = values["u"][i]
        for coupler in self.couplers:
            source = model.coordinates.index(coupler.getIndependentCoordinateNames().get(0))
            at = opensim.Vector(1, float(values["q"][source]))
            name = coupler.getDependentCoordinateName()
            path = next(p for p in model.y_index if p.endswith(f"/{name}/value"))[: -len("/value")]
            slope = coupler.getFunction().calcDerivative(first, at)
            y[model.y_index[f"{path}/value"]] = coupler.getFunction().calcValue(at)
            y[model.y_index[f"{path}/speed"]] = slope * values["u"][source]
        for i, muscle in enumerate(self.runner.muscles):
            y[model.y_index[f"{muscle.force_path}/activation"]] = values["a"][i]
            if muscle.compliant_tendon:
                y[model.y_index[f"{muscle.force_path}/normalized_tendon_force"]] = values["F"][i]
        state.setY(opensim.Vector.createFromMat(y))
        for i, (muscle, component) in enumerate(
            zip(self.runner.muscles, model.muscles, strict=True)
        ):
            if muscle.compliant_tendon:
                component.setDiscreteVariableValue(state, TENDON_RATE, float(values["dF"][i]))
        model.model.realizeVelocity(state)
        controls = opensim.Vector(model.model.getNumControls(), 0.0)
        for i, component in enumerate(model.muscles):
            component.addInControls(opensim.Vector(1, float(values["e"][i])), controls)
        for i, actuator in enumerate(self.runner.actuators):
            component = model.actuators[actuator.force_path]
            component.addInControls(opensim.Vector(1, float(values["c"][i])), controls)
        model.model.setControls(state, controls)

    def answer(self) -> dict[str, Any]:
        """What OpenSim says of the state: SI units, muscles and spheres in description order."""
        model, state = self.model, self.state
        model.model.realizeAcceleration(state)
        r = self.runner
        spheres = [model.component(sphere.force_path) for sphere in r.contacts]
        return {
            "acceleration": state.getUDot().to_numpy()[self.keep],
            "contact_force": [s.getSphereForce(state).get(1).to_numpy() for s in spheres],
            "equilibrium": [
                m.getEquilibriumResidual(state)
                for m, item in zip(model.muscles, r.muscles, strict=True)
                if item.compliant_tendon
            ],
            "tendon_force": [m.getTendonForce(state) for m in model.muscles],
            "activation_rate": [
                m.getStateVariableDerivativeValue(state, "activation") for m in model.muscles
            ],
            "metabolic_rate": [
                self.metabolics.getMuscleMetabolicRate(state, m.force_path) for m in r.muscles
            ],
            "total_metabolic_rate": self.metabolics.getTotalMetabolicRate(state),
            "mass_center": model.model.calcMassCenterPosition(state).to_numpy(),
            "mass_center_velocity": model.model.calcMassCenterVelocity(state).to_numpy(),
            "kinetic_energy": model.matter.calcKineticEnergy(state),
        }


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def main(folder: Path, seed: int, count: int, out: Path) -> None:
    """Write `count` random states, every fourth at rest, and OpenSim's answers."""
    oracle = Oracle(folder)
    generator = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        state = oracle.random(generator, DEPTHS[i % len(DEPTHS)])
        if i % 4 == 1:
            state["u"] *= 0.0
        slope = oracle.mass_center_acceleration(state)
        oracle.pose(state)
        answer = oracle.answer() | {"mass_center_acceleration": slope}
        rows.append(_plain({"state": state, "answer": answer}))
    write_json(out, rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
