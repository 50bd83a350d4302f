"""What each tissue and cost of the free runner does: taken out or put back, one at a time.

    python -m models.build --runner planar --soft-tissue --out results/planar_soft
    python -m benchmarks.screening --runner results/study/runners/planar
        --soft-tissue results/planar_soft --out docs/screening.md   (one line)

The planar runner, free, at one speed; each row is the optimum with one number of the runner or of
the objective as it was before it was changed for free running, the others as they are. In SDs from
the norms (simulations.calibration.norms), on the engine's own measures.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.tables import table
from formats import description
from formats.description import ContactSphere, Muscle, Passive, RunnerDescription
from formats.files import run_command, write_text
from formats.origin import commit
from simulations.calibration import norms as published
from simulations.calibration.inner import Runner
from simulations.collocation.objective import objective
from simulations.collocation.objectives import Objective
from simulations.output.gait_measures import Measures
from simulations.problems import reference
from simulations.problems.landing import Readiness
from simulations.problems.problem import Mesh, pose
from simulations.solving import guess
from simulations.solving.ipopt import Guess

QUADRICEPS = ("recfem", "vaslat", "vasmed", "vasint")
CALF = ("soleus", "gasmed", "gaslat")


def muscles(heads: Iterable[str] | None, **values: float) -> Callable[[RunnerDescription], Any]:
    """Properties of the named muscles (None: all) set to values."""
    chosen = None if heads is None else set(heads)

    def change(runner: RunnerDescription) -> dict[str, list[Muscle]]:
        return {
            "muscles": [
                m.model_copy(update=values) if chosen is None or m.name[:-2] in chosen else m
                for m in runner.muscles
            ]
        }

    return change


def contact(**factors: float) -> Callable[[RunnerDescription], Any]:
    """Properties of all spheres multiplied."""

    def change(runner: RunnerDescription) -> dict[str, list[ContactSphere]]:
        return {
            "contacts": [
                c.model_copy(update={k: getattr(c, k) * f for k, f in factors.items()})
                for c in runner.contacts
            ]
        }

    return change


def limit(coordinate: str, **values: float) -> Callable[[RunnerDescription], Any]:
    """Numbers of an end-of-range torque, both sides."""

    def change(runner: RunnerDescription) -> dict[str, list[Passive]]:
        return {
            "passive": [
                p.model_copy(update=values)
                if p.type == "exponential" and p.coordinate[:-2] == coordinate
                else p
                for p in runner.passive
            ]
        }

    return change


def tissue(frequency: float, damping_ratio: float) -> Callable[[RunnerDescription], Any]:
    """Soft tissue of another frequency (Hz) and share of critical damping."""

    def change(runner: RunnerDescription) -> dict[str, Any]:
        masses = {b.name: b.mass for b in runner.bodies}
        passive = []
        for p in runner.passive:
            if p.type == "spring" and p.coordinate in masses:
                turning = 2 * math.pi * frequency
                stiffness = masses[p.coordinate] * turning**2
                carried = p.stiffness * p.rest_length
                numbers = {
                    "stiffness": stiffness,
                    "rest_length": carried / stiffness,
                    "viscosity": 2 * damping_ratio * masses[p.coordinate] * turning,
                }
                p = p.model_copy(update=numbers)
            passive.append(p)
        return {"passive": passive}

    return change


def masses(factor: float) -> Callable[[RunnerDescription], Any]:
    """Masses of the muscles, by which heat is paid, multiplied."""

    def change(runner: RunnerDescription) -> dict[str, Any]:
        return {"muscles": [m.model_copy(update={"mass": factor * m.mass}) for m in runner.muscles]}

    return change


@dataclass(frozen=True)
class Switch:
    """name: as it stands in the table; body, weights: what is changed.

    readiness: asked before contact; soft: of the runner whose soft tissue moves.
    """

    name: str
    body: Callable[[RunnerDescription], Any] | None = None
    weights: dict[str, float] | None = None
    readiness: Readiness | None = None
    soft: bool = False


SWITCHES = (
    Switch("as built"),
    Switch("sole 2e5 N/m^1.5 (8e5)", contact(stiffness=0.25 ** (2 / 3))),
    Switch("sole's dissipation 1.5 s/m (0.5)", contact(dissipation=3.0)),
    Switch(
        "quadriceps' passive strain 0.6 (1.28, 1.75)",
        muscles(QUADRICEPS, passive_fiber_strain_at_one_norm_force=0.6),
    ),
    Switch(
        "quadriceps' tendon 4.9 % (7.2)",
        muscles(QUADRICEPS, tendon_strain_at_one_norm_force=0.049),
    ),
    Switch("Achilles tendon 10 % (8)", muscles(CALF, tendon_strain_at_one_norm_force=0.10)),
    Switch("hip capsule of Anderson 1999", limit("hip_flexion", k3=1.51, k4=-21.88, q2=-0.6981)),
    Switch("least activation 0.03 (0.01)", muscles(None, min_control=0.03)),
    Switch("activation time 40 ms (15)", muscles(None, activation_time_constant=0.04)),
    Switch("deactivation time 40 ms (60)", muscles(None, deactivation_time_constant=0.04)),
    Switch("largest fibre speed 15 /s (10)", muscles(None, max_contraction_velocity=15.0)),
    Switch("force-rate cost x 10", weights={"tendon": 10.0}),
    Switch("acceleration cost x 1/10", weights={"acceleration": 0.1}),
    Switch("excitation cost x 1/10", weights={"excitation": 0.1}),
    Switch("metabolic rate squared x 3", weights={"metabolic": 3.0}),
    Switch("trunk upright (lean 0)", weights={"lean_deg": 0.0}),
    Switch("soft tissue, 10 Hz, damping 0.06", soft=True),
    Switch("soft tissue, 8 Hz", tissue(8.0, 0.06), soft=True),
    Switch("soft tissue, 12 Hz", tissue(12.0, 0.06), soft=True),
    Switch("soft tissue, damping 0.2", tissue(10.0, 0.2), soft=True),
    Switch("soft tissue, 5 Hz, damping 0.2", tissue(5.0, 0.2), soft=True),
    Switch("ready before contact, 0.05", readiness=Readiness(0.05)),
    Switch("ready before contact, 0.1", readiness=Readiness(0.1)),
    Switch("ready before contact, 0.2", readiness=Readiness(0.2)),
    Switch("least activation 0.05 (0.01)", muscles(None, min_control=0.05)),
    Switch("all tendons at most 4.9 %", muscles(None, tendon_strain_at_one_norm_force=0.049)),
    Switch("fibre damping 0.1 (0.01)", muscles(None, fiber_damping=0.1)),
    Switch("heat x 1.5 (muscle mass)", masses(1.5)),
    Switch("metabolic rate x 2 in the objective", weights={"cost": 2.0, "metabolic": 4.0}),
)


def changed(start: Objective, weights: dict[str, float] | None) -> Objective:
    """The objective with weights multiplied."""
    factors = weights or {}
    return replace(start, **{name: getattr(start, name) * f for name, f in factors.items()})


def screen(
    runners: dict[bool, RunnerDescription],
    curves: Path,
    norms: Path,
    speed: float,
    start: Objective,
) -> list[list[str]]:
    """Rows of the table: name, cost, z of each quantity, count within 2 SD; first row: the names.

    runners: the planar runner as built (False), and the one whose soft tissue moves (True); rows of
    a runner that is not there are left out.
    """
    known = published.at_speed(norms, speed)
    near: dict[bool, Guess] = {}
    rows: list[list[str]] = []
    for switch in SWITCHES:
        if switch.soft not in runners:
            continue
        plain = runners[switch.soft]
        body = plain.model_copy(update=switch.body(plain)) if switch.body else plain
        target = reference.from_norm_curves(curves, speed, body)
        posed = pose(
            body, speed=speed, mesh=Mesh(), objective=start, reference=target, habit_weight=0.0
        )
        known_start = near.get(switch.soft)
        one = Runner(posed, Measures(body), known_start or guess.cold(posed, target))
        chosen = changed(start, switch.weights)
        found = one.optimum(chosen) if known_start else one.settle(chosen)
        if not known_start:
            near[switch.soft] = Guess(found.x, found.lam_x, found.lam_g, corner=found.corner)
        if switch.readiness and found.converged:
            found = one.ready(chosen, found, switch.readiness)
        if not found.converged:
            rows.append([switch.name, *[""] * (len(rows[0]) - 2), found.return_status])
            continue
        measured = one.measured(chosen, found)
        z = published.residuals(measured, known)
        if not rows:
            rows.append(["", "cost (J/kg/m)", *z, "within 2 SD"])
        within = sum(abs(value) <= 2 for value in z.values())
        cost = f"{measured['metabolic_cost_j_kg_m']:.2f}"
        rows.append(
            [switch.name, cost, *(f"{v:+.1f}" for v in z.values()), f"{within} of {len(z)}"]
        )
        print(switch.name, cost, flush=True)
    return rows


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Screen what a free runner is made of.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of the planar runner")
    parser.add_argument(
        "--soft-tissue", type=Path, help="folder of the same runner built with --soft-tissue"
    )
    parser.add_argument("--norms", type=Path, default=Path("analysis/norms.csv"))
    parser.add_argument("--curves", type=Path, default=Path("analysis/norm_curves.csv"))
    parser.add_argument("--speed", type=float, default=3.5, help="m/s")
    parser.add_argument("--objective", default="free_running")
    parser.add_argument("--out", type=Path, required=True, help="page to write (.md)")
    args = parser.parse_args()
    runners = {False: description.read(args.runner / "runner.json")}
    if args.soft_tissue:
        runners[True] = description.read(args.soft_tissue / "runner.json")
    rows = screen(runners, args.curves, args.norms, args.speed, objective(args.objective))
    made = (commit()["commit"] or "of no commit")[:7]
    page = (
        "# What each part of the free runner does\n\n"
        f"{__doc__.split(chr(10) * 2)[2].strip()}\n\n"
        f"{args.speed:g} m/s, objective `{args.objective}`, code {made}.\n\n"
        f"{table(rows[0], rows[1:])}\n"
    )
    write_text(args.out, page)


if __name__ == "__main__":
    run_command(main)
