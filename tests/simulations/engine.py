"""The engine's equations of a runner as numerical functions, in physical units: what tests call."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import casadi as ca
import numpy as np

from formats.description import RunnerDescription
from simulations.collocation.elements import DYNAMICS_SCALE
from simulations.collocation.layout import METABOLIC_SCALE, Layout
from simulations.collocation.objective import objective
from simulations.equations.metabolics import BASAL_RATE_W_KG, OPENSIM, metabolic_rate
from simulations.equations.multibody import (
    BodyState,
    contact_wrenches,
    inverse_dynamics,
    mass_center,
    place_bodies,
)
from simulations.equations.muscle import activation_rate, fiber_state, path_length
from simulations.equations.musculotendon import musculotendon
from simulations.problems.problem import Mesh, Problem, pose
from simulations.problems.reference import Reference

State = dict[str, np.ndarray]
# Rounding of friction's corner (N): so small that no state falls into it. Zero itself would
# divide by zero in the branch that is not taken.
SHARP = 1e-9


def kinetic_energy(runner: RunnerDescription, bodies: dict[str, BodyState]) -> ca.SX:
    """Sum over bodies of m v^2 / 2 + w I w / 2, from their velocities."""
    energy = ca.SX(0)
    for body in runner.bodies:
        state = bodies[body.name]
        arm = ca.mtimes(state.rotation, ca.SX(body.mass_center))
        velocity = state.velocity + ca.cross(state.omega, arm)
        xx, yy, zz, xy, xz, yz = body.inertia
        inertia = ca.DM([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
        omega = ca.mtimes(state.rotation.T, state.omega)
        energy += 0.5 * body.mass * ca.sumsqr(velocity)
        energy += 0.5 * ca.dot(omega, ca.mtimes(inertia, omega))
    return energy


@dataclass(frozen=True)
class Engine:
    """Functions of one runner. A state holds q, u, a, F (all muscles), dF, e, c."""

    runner: RunnerDescription = field(repr=False)

    @cached_property
    def layout(self) -> Layout:
        return Layout.of(self.runner)

    def values(self, state: State, du: np.ndarray | None = None) -> np.ndarray:
        """(nz,) physical values of a node; the metabolic rate zero."""
        layout = self.layout
        x = np.zeros(layout.size)
        for name in ("q", "u", "a", "e", "c"):
            x[layout.block(name)] = state[name]
        for name in ("F", "dF"):
            x[layout.block(name)] = np.asarray(state[name])[layout.compliant]
        if du is not None:
            x[layout.block("du")] = du
        return x

    @cached_property
    def _problem(self) -> Problem:
        """Running on the least mesh: its program holds the rows of two nodes and more."""
        still = np.zeros((self.layout.nq, 5))
        reference = Reference(np.linspace(0, 1, 5), still, 0.7)
        return pose(
            self.runner,
            speed=3.0,
            mesh=Mesh(2),
            objective=objective("metabolic_mix"),
            reference=reference,
            habit_weight=0.0,
        )

    def node(self, x: np.ndarray) -> tuple[np.ndarray, ...]:
        """Dynamics rows (N, Nm), equilibrium rows, metabolic row (W/kg), mass matrix."""
        program, layout = self._problem.program, self.layout
        z = np.tile((x / layout.scale)[:, None], (1, program.scheme.nodes))
        at, p = program.pack(0.35, z), self._problem.parameters_at(SHARP)
        g, jacobian = program.jac_g(at, p)
        rows = np.array(g).ravel()[: layout.row_count]
        n, own = layout.nq, layout.block("du")
        slopes = jacobian.sparse()[:n, 1 + own].toarray()
        mass = slopes * DYNAMICS_SCALE / layout.scale[own]
        return rows[:n] * DYNAMICS_SCALE, rows[n:-1], rows[-1] * METABOLIC_SCALE, mass

    def acceleration(self, state: State) -> np.ndarray:
        """(nq,) accelerations at which the dynamics rows vanish."""
        rows, _, _, mass = self.node(self.values(state))
        return np.linalg.solve(mass, -rows)

    @cached_property
    def _skeleton(self) -> ca.Function:
        n = len(self.runner.coordinates)
        q, u, du = (ca.SX.sym(name, n) for name in ("q", "u", "du"))
        bodies, _ = place_bodies(self.runner, q, u, du)
        wrenches = contact_wrenches(self.runner, bodies)
        force = ca.horzcat(*[w.force for w in wrenches]) if wrenches else ca.SX(3, 0)
        center, velocity = mass_center(self.runner, bodies)
        energy = kinetic_energy(self.runner, bodies)
        power = ca.SX(0)
        for wrench in wrenches:
            body = bodies[wrench.body]
            arm = wrench.point - body.position
            power += ca.dot(wrench.force, body.velocity + ca.cross(body.omega, arm))

        def rate(expression: ca.SX) -> ca.SX:
            return ca.jtimes(expression, q, u) + ca.jtimes(expression, u, du)

        tau = inverse_dynamics(self.runner, q, u, du)
        return ca.Function(
            "skeleton",
            [q, u, du],
            [
                *map(
                    ca.densify,
                    (force, center, velocity, energy, tau, power, rate(velocity), rate(energy)),
                )
            ],
            ["q", "u", "du"],
            ["force", "center", "velocity", "energy", "tau", "power", "com_acc", "energy_rate"],
            {"cse": True},
        )

    def skeleton(self, q: np.ndarray, u: np.ndarray, du: np.ndarray) -> dict[str, np.ndarray]:
        """Contact forces (3 x spheres), mass centre, energies and inverse dynamics (SI)."""
        found = {name: np.array(value) for name, value in self._skeleton(q=q, u=u, du=du).items()}
        return {name: v if name == "force" else v.ravel() for name, v in found.items()}

    @cached_property
    def _muscles(self) -> ca.Function:
        runner, layout = self.runner, self.layout
        q, u = ca.SX.sym("q", layout.nq), ca.SX.sym("u", layout.nq)
        symbols = [ca.SX.sym(name, layout.nm) for name in ("a", "F", "dF", "e")]
        names = [c.name for c in runner.coordinates]
        forces, rates, activating = [], [], []
        for m, muscle in enumerate(runner.muscles):
            own = [names.index(name) for name in muscle.path.coordinates]
            a, f, df, e = (s[m] for s in symbols)
            tendon = (f, df) if muscle.compliant_tendon else (None, None)
            length = path_length(muscle.path, ca.vertsplit(q[own]))
            slope = ca.gradient(length, q)[own]
            speed = ca.dot(slope, u[own])
            out = musculotendon(muscle, length, speed, slope, a, e, *tendon, OPENSIM)
            forces.append(out.force)
            fiber = fiber_state(muscle, length, ca.jtimes(length, q, u), a, *tendon)
            rates.append(
                metabolic_rate(
                    muscle, fiber, a, e, muscle.max_isometric_force, muscle.mass, OPENSIM
                )
            )
            activating.append(
                activation_rate(
                    muscle.activation_time_constant, muscle.deactivation_time_constant, e, a
                )
            )
        outputs = [ca.densify(ca.vertcat(*each)) for each in (forces, rates, activating)]
        return ca.Function("muscles", [q, u, *symbols], outputs, {"cse": True})

    def muscles(self, state: State) -> tuple[np.ndarray, ...]:
        """Tendon forces (N), metabolic rates (W, OpenSim's smoothing), activation rates (1/s)."""
        found = self._muscles(*(state[name] for name in ("q", "u", "a", "F", "dF", "e")))
        return tuple(np.array(each).ravel() for each in found)

    def gross_rate(self, state: State) -> float:
        """Whole-body metabolic rate (W)."""
        mass = sum(body.mass for body in self.runner.bodies)
        return float(self.muscles(state)[1].sum() + BASAL_RATE_W_KG * mass)
