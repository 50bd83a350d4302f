"""The certificate's checks of one stride: is the stored motion true in OpenSim?

Each function returns a Check: the measured value, its limit, and what exactly was compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.replayed.case import Case
from analysis.replayed.measured import is_measured
from analysis.replayed.quadrature import case_weights, positive
from analysis.replayed.quantities import Anatomy, Dynamics
from formats.names import SIDES, TENDON_RATE
from formats.records import Agreement, CheckRecord

ACCELERATION_LIMIT = 1e-3
GROUND_FORCE_LIMIT_N = 0.5
EQUILIBRIUM_LIMIT = 1e-6
PELVIS_LIMIT = 1.0
PATH_LIMIT_PERCENT = 2.0
SPEED_LIMIT_M_S = 1e-3
ENERGY_LIMIT_PERCENT = 1.0
COLLOCATION_LIMIT = 1e-3
CLOSURE_LIMIT = 1e-6


@dataclass(frozen=True)
class Check:
    """One measured value against its limit; NaN never passes."""

    value: float
    limit: float
    unit: str
    compared: str

    @property
    def passed(self) -> bool:
        """Whether the value is a number within the limit."""
        return bool(np.isfinite(self.value) and self.value <= self.limit)

    @property
    def record(self) -> CheckRecord:
        """As in certificate.json; a value that is not finite is null."""
        return CheckRecord(
            value=self.value if np.isfinite(self.value) else None,
            limit=self.limit,
            unit=self.unit,
            passed=self.passed,
            compared=self.compared,
        )


def rms(values: np.ndarray) -> np.ndarray:
    """Root mean square over the nodes (axis 0)."""
    return np.sqrt(np.mean(np.square(values), axis=0))


def accelerations(d: Dynamics) -> Check:
    """OpenSim's accelerations against derivatives.sto, the worst coordinate's relative rms.

    Coordinates that accelerate less than 1 rad/s2 (m/s2) are judged against that.
    """
    scale = np.maximum(rms(d.solver_acceleration), 1.0)
    relative = rms(d.acceleration - d.solver_acceleration) / scale
    worst = int(np.argmax(relative))
    what = f"rms of the difference over rms, worst coordinate ({d.names[worst]})"
    return Check(float(relative[worst]), ACCELERATION_LIMIT, "1", what)


def ground_force(case: Case, d: Dynamics) -> Check:
    """OpenSim's contact force of each foot against ground_forces.mot, any node, any direction."""
    worst = max(float(np.abs(d.contact[s] - case.ground_force(s)).max()) for s in SIDES)
    return Check(worst, GROUND_FORCE_LIMIT_N, "N", "largest difference of a force component")


def tendon_equilibrium(d: Dynamics) -> Check:
    """Tendon force minus fibre force along the tendon, over maximal isometric force."""
    worst = float(np.abs(d.equilibrium).max(initial=0.0))
    return Check(worst, EQUILIBRIUM_LIMIT, "maximal force", "largest residual, implicit mode")


def pelvis_residuals(case: Case, anatomy: Anatomy) -> dict[str, Check]:
    """Force and moment missing at the root joint when ground_forces.mot acts on the calcanei."""
    motions = {c.name: c.motion for c in case.runner.coordinates}
    result = {}
    for name, motion, unit in (
        ("pelvis_force", "translational", "N"),
        ("pelvis_moment", "rotational", "Nm"),
    ):
        rows = [v for key, v in anatomy.missing_at_root.items() if motions[key] == motion]
        worst = max((float(np.abs(values).max()) for values in rows), default=0.0)
        result[name] = Check(worst, PELVIS_LIMIT, unit, "largest residual of inverse dynamics")
    return result


def joint_moment_difference(d: Dynamics, anatomy: Anatomy) -> dict[str, float]:
    """Per coordinate: largest difference of the muscles' moment, anatomical paths less polynomials.

    In % of the anatomical peak; coordinates on which the muscles make less than 1 Nm are left out.
    """
    peak = np.abs(anatomy.muscle_moment).max(axis=0)
    difference = np.abs(anatomy.muscle_moment - d.generalised["muscles"]).max(axis=0)
    return {
        name: 100.0 * float(difference[i] / peak[i])
        for i, name in enumerate(d.names)
        if peak[i] >= 1.0
    }


def path_check(differences: dict[str, float]) -> Check:
    """The worst joint of joint_moment_difference."""
    worst = max(differences, key=lambda name: differences[name], default="")
    return Check(
        differences.get(worst, 0.0),
        PATH_LIMIT_PERCENT,
        "% of peak muscle moment",
        f"anatomical paths against polynomials, largest difference, worst coordinate ({worst})",
    )


def forward_speed(case: Case, d: Dynamics) -> Check:
    """Displacement of the mass centre along +x over the stride time, against the stated speed."""
    moved = float(d.mass_centre[-1, 0] - d.mass_centre[0, 0]) / case.stride_time
    what = f"mass centre moves at {moved:.6g} m/s (+x), stated {case.speed:.6g} m/s"
    return Check(abs(moved - case.speed), SPEED_LIMIT_M_S, "m/s", what)


def energy_terms(case: Case, d: Dynamics) -> dict[str, float]:
    """Work (J) over the stride of all that acts on the skeleton, and the energy it gained."""
    w = case_weights(case)
    work = {
        f"{name}_j": float(w @ np.sum(d.speed * d.generalised[name], axis=1))
        for name in ("muscles", "passive", "actuators", "contacts")
    }
    energy = d.kinetic + d.potential
    work["energy_change_j"] = float(energy[-1] - energy[0])
    work["fibres_j"] = float(w @ d.fibre_power.sum(axis=1))
    work["muscle_positive_j"] = float(positive(w, d.muscle_power).sum())
    return work


def energy_balance(terms: dict[str, float]) -> Check:
    """Work of muscles, passive tissue, actuators and contact, less the change of energy."""
    done = sum(terms[f"{name}_j"] for name in ("muscles", "passive", "actuators", "contacts"))
    error = abs(done - terms["energy_change_j"])
    share = 100.0 * error / terms["muscle_positive_j"] if terms["muscle_positive_j"] > 0 else np.inf
    return Check(
        share,
        ENERGY_LIMIT_PERCENT,
        "% of positive muscle work",
        "work of muscles, passive tissue, actuators and contact less the change of kinetic and "
        "potential energy, integrated with the weights of the collocation",
    )


def collocation(case: Case, d: Dynamics) -> Check:
    """Do the states follow from their rates by the scheme that solver.json names?

    Positions from speeds, speeds from accelerations (but where the motion is measured), tendon
    forces from their rates, activations from OpenSim's activation dynamics: worst state's rms
    defect over the rms of its steps.
    """
    pairs = []
    for coordinate in [] if is_measured(case) else case.runner.coordinates:
        value = case.coordinate(coordinate.name)
        speed = case.coordinate(coordinate.name, "speed")
        accel = d.coordinate(d.solver_acceleration, coordinate.name)
        pairs += [(coordinate.name, value, speed), (f"{coordinate.name} speed", speed, accel)]
    for i, muscle in enumerate(case.runner.muscles):
        pairs.append((f"{muscle.name} activation", d.activation[:, i], d.activation_rate[:, i]))
        if muscle.compliant_tendon:
            force = case.motion[f"{muscle.force_path}/normalized_tendon_force"].to_numpy()
            rate = case.derivatives[f"{muscle.force_path}/{TENDON_RATE}"].to_numpy()
            pairs.append((f"{muscle.name} tendon force", force, rate))
    scheme = case.solver.scheme
    shares = {name: defect(case.time, x, rate, scheme) for name, x, rate in pairs}
    worst = max(shares, key=lambda name: shares[name])
    what = f"steps of the states against the {scheme} integral of their rates, worst ({worst})"
    return Check(shares[worst], COLLOCATION_LIMIT, "1", what)


def defect(time: np.ndarray, x: np.ndarray, rate: np.ndarray, scheme: str) -> float:
    """rms over the intervals of (step - integral of the rate) over the rms step (at least 1e-3)."""
    h = np.diff(time)
    if scheme == "hermite_simpson":
        step = x[2::2] - x[:-2:2]
        span = time[2::2] - time[:-2:2]
        integral = span / 6 * (rate[:-2:2] + 4 * rate[1::2] + rate[2::2])
    else:
        step = np.diff(x)
        integral = h / 2 * (rate[:-1] + rate[1:])
    return float(rms(step - integral) / max(float(rms(step)), 1e-3))


def stride_closes(case: Case) -> Check:
    """Last row of motion.sto against the first, advanced forward by speed x stride time."""
    ahead = {c.name for c in case.runner.coordinates if c.name.endswith("_tx")}
    worst = 0.0
    for name in case.motion.columns[1:]:
        x = case.motion[name].to_numpy()
        advance = case.speed * case.stride_time if name.split("/")[-2] in ahead else 0.0
        change = x[-1] - x[0] - (advance if name.endswith("/value") else 0.0)
        worst = max(worst, abs(float(change)))
    return Check(worst, CLOSURE_LIMIT, "rad, m, rad/s, m/s, 1", "largest difference of a state")


def mesh_doubling(found: Agreement) -> Check:
    """The primary endpoints' largest move on a doubled mesh, in units of their smallest effects."""
    moves = {name: abs(e.change) / e.smallest_effect for name, e in found.endpoints.items()}
    worst = max(moves, key=lambda name: moves[name]) if moves else "none"
    what = f"change of a primary endpoint on a doubled mesh over its smallest effect ({worst})"
    return Check(moves.get(worst, np.nan), 1.0, "1", found.reason or what)
