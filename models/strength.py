"""Change the strength of muscle groups: of the active force, the passive force, or both.

active   max_control: the largest excitation and activation. Passive force, tendon, damping and the
         volume by which the objective weighs a muscle stay; effort counts activation / max_control.
both     max_isometric_force, which scales the passive fibre, the tendon's stiffness and the
         muscle's mass with it.
passive  max_isometric_force, with max_control and damping divided by the same factor, so that
         active force stays; the tendon's strain changes so that it stretches as before at the
         former maximal force.

Both files of a runner are changed alike: runner.osim by text at these properties, runner.json by
the same numbers.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path

from scipy.optimize import brentq

from formats import description as d
from formats import exercises
from formats.files import run_command, write_text
from formats.text import MODEL_MB, read_text
from models.osim import band, forces, groups, spring
from models.osim.isometric import Dynamometer
from models.osim.properties import scaled

LARGEST_DOSE = 1000.0
# Strength (share) that a compensating muscle may be given.
LEAST_HELP, MOST_HELP = 0.05, 4.0
MUSCLE = "DeGrooteFregly2016Muscle"


def checked_dose(dose: float | str) -> float:
    """Dose in percent as a number in (0, 1000]; ValueError otherwise."""
    try:
        value = float(dose)
    except ValueError:
        value = math.nan
    if not 0.0 < value <= LARGEST_DOSE:
        raise ValueError(
            f"dose {dose!r}: must be a number above 0 and at most {LARGEST_DOSE:g} (percent of "
            "maximal isometric force)"
        )
    return value


def factors(runner: Path, arm: str, dose: float | str, side: str) -> dict[str, float]:
    """Muscle name -> factor on its strength, muscles that change only.

    runner: folder with runner.osim and runner.json. Raises ValueError for unknown arms, sides,
    doses, groups without muscles, and doses the compensation cannot make up for.
    """
    share = checked_dose(dose) / 100.0
    group = groups.arm(arm)
    names = [muscle.name for muscle in d.read(Path(runner) / "runner.json").muscles]
    found: dict[str, float] = {}
    for suffix in groups.sides(side):
        meant = groups.shares(group["muscles"], suffix, names, arm)
        changed = {name: 1.0 + part * (share - 1.0) for name, part in meant.items()}
        if "compensate" in group and share != 1.0:
            changed |= _compensation(Path(runner), group["compensate"], changed, suffix, arm)
        found |= {name: factor for name, factor in changed.items() if factor != 1.0}
    return found


def _compensation(
    runner: Path, rule: groups.Compensation, changed: dict[str, float], side: str, arm: str
) -> dict[str, float]:
    """Factors on the helping muscles that keep the joint's maximal isometric torque.

    Of active force: the torques are measured at each try (secant), for a weaker muscle also lets
    its tendon go. Of the changed muscles those count that turn the joint the same way as the
    helpers.
    """
    machine = Dynamometer(runner / "runner.osim")
    about = f"{rule['coordinate']}_{side}"
    posture = {
        f"{name}_{side}": machine.possible(f"{name}_{side}", value)
        for name, value in rule["posture"].items()
    }
    helpers = groups.shares(rule["muscles"], side, machine.muscles, arm)
    before = machine.torques(about, posture)
    sense = sum(before[name] for name in helpers)
    meant = [*helpers, *(name for name in changed if before[name] * sense > 0.0)]
    for name, factor in changed.items():
        machine.scale(name, factor)
    held = dict.fromkeys(helpers, 1.0)

    def lost(factor: float) -> float:
        for name, part in helpers.items():
            wanted = 1.0 + part * (factor - 1.0)
            machine.scale(name, wanted / held[name])
            held[name] = wanted
        now = machine.torques(about, posture)
        return sum(now[name] - before[name] for name in meant) / sense

    try:
        factor = float(brentq(lost, LEAST_HELP, MOST_HELP, xtol=1e-6, rtol=1e-6))
    except ValueError:
        raise ValueError(
            f"arm {arm!r}: at this dose no strength of its helping muscles from "
            f"{100 * LEAST_HELP:g} to {100 * MOST_HELP:g} % keeps the torque of "
            f"{rule['coordinate']}; choose a dose nearer to 100"
        ) from None
    return {name: 1.0 + part * (factor - 1.0) for name, part in helpers.items()}


def _active(muscle: d.Muscle, factor: float) -> dict[str, float]:
    return {"max_control": factor}


def _both(muscle: d.Muscle, factor: float) -> dict[str, float]:
    return {"max_isometric_force": factor}


def _passive(muscle: d.Muscle, factor: float) -> dict[str, float]:
    # Tendon curve: c1 exp(k (l - 1)) - c3 with c1 = c3 = 0.2; k = log(6) / strain at force 1. At
    # the strain of the former maximal force the new curve gives 1 / factor.
    tendon = math.log(6.0) / math.log((1.0 / factor + 0.2) / 0.2)
    return {
        "max_isometric_force": factor,
        "max_control": 1.0 / factor,
        "fiber_damping": 1.0 / factor,
        "tendon_strain_at_one_norm_force": tendon,
    }


SCALES: dict[str, Callable[[d.Muscle, float], dict[str, float]]] = {
    "active": _active,
    "both": _both,
    "passive": _passive,
}
"""What of a muscle's strength changes -> factors on its properties (OpenSim's names)."""


def apply(runner: Path, found: dict[str, float], out: Path, scales: str = "active") -> None:
    """Write runner.osim and runner.json with the muscles' strength scaled into `out`.

    scales: a key of SCALES. Raises ValueError where a muscle's largest activation would not exceed
    its least.
    """
    runner, out = Path(runner), Path(out)
    text = read_text(runner / "runner.osim", MODEL_MB)
    description = d.read(runner / "runner.json")
    muscles = list(description.muscles)
    for i, muscle in enumerate(muscles):
        if muscle.name not in found:
            continue
        factors_of = SCALES[scales](muscle, found[muscle.name])
        for prop, factor in factors_of.items():
            text = scaled(text, MUSCLE, muscle.name, prop, factor)
        update = {prop: getattr(muscle, prop) * factor for prop, factor in factors_of.items()}
        if scales == "both":
            force = update["max_isometric_force"]
            update["mass"] = forces.muscle_mass(force, muscle.optimal_fiber_length)
        muscles[i] = muscle.model_copy(update=update)
        if muscles[i].max_control <= muscle.min_control:
            raise ValueError(
                f"dose: {muscle.name}: its largest activation would be {muscles[i].max_control:g}, "
                f"its least is {muscle.min_control:g}; choose a larger dose"
            )
    changed = description.model_copy(update={"muscles": muscles})
    write_text(out / "runner.osim", text)
    write_text(out / "runner.json", changed.model_dump_json(indent=2) + "\n")


def main() -> None:
    """Command line: a runner at one dose."""
    parser = argparse.ArgumentParser(description="Change the strength of a muscle group.")
    parser.add_argument("--runner", type=Path, required=True, help="folder of the runner")
    parser.add_argument("--arm", required=True, help="muscle group, see muscle_groups.yaml")
    parser.add_argument("--dose", required=True, help="percent of maximal isometric force")
    parser.add_argument("--side", default="both", help="both, right or left")
    parser.add_argument("--scales", choices=tuple(SCALES), default="active")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the runner into")
    parser.add_argument(
        "--spring", type=float, help="stiffness of a band between the feet, N/m (Simpson 2019)"
    )
    parser.add_argument(
        "--tie",
        nargs=3,
        metavar=("FILE", "EXERCISE", "BAND"),
        help="tie an exercise's band on: file of exercises, exercise, colour",
    )
    arguments = parser.parse_args()
    found = factors(arguments.runner, arguments.arm, arguments.dose, arguments.side)
    apply(arguments.runner, found, arguments.out, arguments.scales)
    if arguments.spring is not None:
        spring.add(arguments.out, arguments.spring)
    if arguments.tie is not None:
        file, exercise, colour = arguments.tie
        tied = exercises.read(Path(file)).band(exercise, colour)
        if tied is not None:
            band.add(arguments.out, tied)


if __name__ == "__main__":
    run_command(main)
