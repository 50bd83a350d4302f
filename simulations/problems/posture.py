"""Where the body is in an exercise: the joints' paths by progress, the floor under the supports.

Coordinates that are not prescribed (`adjusted`) are found so that supports lie on the floor and,
where the exercise is balanced, the mass centre stands over the middle of the supports.
"""

from __future__ import annotations

from functools import cached_property

import casadi as ca
import numpy as np
from scipy.interpolate import BSpline, KroghInterpolator, make_interp_spline
from scipy.optimize import least_squares

from formats.description import RunnerDescription
from formats.exercises import Exercise, Phase, Support
from simulations.equations.multibody import mass_center, place_bodies
from simulations.equations.numbers import vector

SAMPLES = 41
"""Progresses at which the posture is found; a spline of fifth order goes through them."""
OFF_FLOOR_M = 1e-6
"""How far a support may be from where it belongs."""


class Unposable(ValueError):
    """No body can be so: its supports do not reach the floor, or do not hold it."""


class Poser:
    """Postures of one exercise of one runner."""

    def __init__(
        self, runner: RunnerDescription, exercise: Exercise, supports: dict[str, Support]
    ) -> None:
        """ValueError for a coordinate or body that the runner has not."""
        self.runner, self.exercise, self.supports = runner, exercise, supports
        self.names = [c.name for c in runner.coordinates]
        for name in [*exercise.joints, *exercise.adjusted, *exercise.grid.joints]:
            if name not in self.names:
                raise ValueError(
                    f"{exercise.title}: no coordinate {name}; allowed are {', '.join(self.names)}"
                )
        bodies = {body.name for body in runner.bodies}
        for key, support in supports.items():
            if support.body not in bodies:
                raise ValueError(f"{exercise.title}: support {key}: no body {support.body}")

    @cached_property
    def places(self) -> ca.Function:
        """q -> supports' points (3 x count, m), the mass centre (3, m)."""
        q, zero = ca.SX.sym("q", len(self.names)), ca.SX.zeros(len(self.names))
        bodies, _ = place_bodies(self.runner, q, zero, zero)
        points = [
            bodies[s.body].position + ca.mtimes(bodies[s.body].rotation, vector(s.point))
            for s in self.supports.values()
        ]
        center, _ = mass_center(self.runner, bodies)
        return ca.Function("places", [q], [ca.densify(ca.horzcat(*points)), ca.densify(center)])

    @cached_property
    def _mismatch(self) -> ca.Function:
        """(q of the adjusted, q of all) -> what must vanish (m)."""
        own = [self.names.index(name) for name in self.exercise.adjusted]
        free, fixed = ca.SX.sym("free", len(own)), ca.SX.sym("fixed", len(self.names))
        q = ca.SX(fixed)
        for i, k in enumerate(own):
            q[k] = free[i]
        points, center = self.places(q)
        rows = [points[1, i] for i, s in enumerate(self.supports.values()) if s.on_floor]
        if self.exercise.balanced:
            middle = ca.sum2(points) / points.shape[1]
            rows += [center[0] - middle[0], center[2] - middle[2]]
        error = ca.vertcat(*rows)
        return ca.Function("mismatch", [free, fixed], [error, ca.densify(ca.jacobian(error, free))])

    def angles(self, progress: float) -> dict[str, float]:
        """Prescribed coordinates (rad) at a progress; all others are zero."""
        found = {}
        for name, path in self.exercise.joints.items():
            angles = path if isinstance(path, list) else [path, path]
            through = KroghInterpolator(np.linspace(0.0, 1.0, len(angles)), np.radians(angles))
            found[name] = float(through(progress))
        return found

    def posture(self, angles: dict[str, float], near: np.ndarray | None = None) -> np.ndarray:
        """(nq,) the posture with these coordinates (rad), the adjusted ones found.

        near: a posture from which the search starts. Unposable where there is none.
        """
        fixed = np.array([angles.get(name, 0.0) for name in self.names])
        own = [self.names.index(name) for name in self.exercise.adjusted]
        if not own:
            return fixed
        start = fixed[own] if near is None else near[own]
        found = least_squares(
            lambda x: np.array(self._mismatch(x, fixed)[0]).ravel(),
            start,
            jac=lambda x: np.array(self._mismatch(x, fixed)[1]),
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-15,
        )
        if np.abs(found.fun).max() > OFF_FLOOR_M:
            raise Unposable(
                f"{self.exercise.title}: no posture in which its supports lie on the floor; off by "
                f"{1000 * np.abs(found.fun).max():.1f} mm with {', '.join(self.exercise.adjusted)}"
            )
        fixed[own] = found.x
        return fixed

    def path(self) -> BSpline:
        """Posture (nq) by progress (0..1)."""
        progress = np.linspace(0.0, 1.0, SAMPLES)
        postures: list[np.ndarray] = []
        for s in progress:
            near = postures[-1] if postures else None
            postures.append(self.posture(self.angles(float(s)), near))
        return make_interp_spline(progress, np.array(postures), k=5)

    def grid(self) -> np.ndarray:
        """(nq x postures) at the exercise's grid."""
        asked, start = self.exercise.grid, self.angles(0.0)
        start |= {name: float(np.radians(a)) for name, a in asked.joints.items()}
        postures: list[np.ndarray] = []
        for angle in asked.hip_flexion_r:
            near = postures[-1] if postures else None
            at = start | {"hip_flexion_r": float(np.radians(angle))}
            postures.append(self.posture(at, near))
        return np.array(postures).T


def progress(phases: list[Phase], time: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Progress, its rate (1/s) and acceleration (1/s2) at times (N, s), from progress 0 on.

    Each move by minimum jerk (Flash & Hogan 1985, J Neurosci 5:1688), at rest at both ends.
    """
    s, ds, dds = (np.zeros_like(time) for _ in range(3))
    begin, at = 0.0, 0.0
    for phase in phases:
        goal = at if phase.to is None else phase.to
        inside = time >= begin - 1e-12
        x = np.clip((time[inside] - begin) / phase.seconds, 0.0, 1.0)
        way = goal - at
        s[inside] = at + way * x**3 * (10 - 15 * x + 6 * x**2)
        ds[inside] = way * 30 * x**2 * (1 - x) ** 2 / phase.seconds
        dds[inside] = way * 60 * x * (1 - x) * (1 - 2 * x) / phase.seconds**2
        begin, at = begin + phase.seconds, goal
    return s, ds, dds
