"""A virtual dynamometer: maximal isometric hip flexion torque against hip angle, by dose.

What is measured is the strength of the hip flexors; muscles that turn the hip the other way, joint
limits and springs are left out. The passive force of the flexors' own fibres is contained, and
given beside it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from formats.files import run_command, write_text
from formats.table import escape
from models import strength
from models.osim import groups
from models.osim.isometric import REST, Dynamometer

KNEE_DEG = 90.0  # seated, as hip flexion is commonly measured
HIP_DEG = (0.0, 30.0, 60.0)
HIP_FLEXORS = "hip_flexors"
HEADER = (
    "arm,dose_percent,side,hip_flexion_deg,knee_flexion_deg,torque_nm,torque_nm_kg,"
    "rest_torque_nm,all_agonists_torque_nm,all_agonists_torque_nm_kg"
)


def hip_flexion(machine: Dynamometer, hip_deg: float, side: str) -> dict[str, float]:
    """Maximal isometric hip flexion torque (Nm) of one leg (side r or l), knee at 90 deg.

    flexors: of the group hip_flexors; rest: the same muscles' torque when not active (contained in
    flexors); agonists: of every muscle that flexes the hip in this posture.
    """
    about = f"hip_flexion_{side}"
    posture = {about: hip_deg, f"knee_angle_{side}": KNEE_DEG}
    active = machine.torques(about, posture)
    resting = machine.torques(about, posture, activation=REST)
    heads = groups.arm(HIP_FLEXORS)["muscles"]
    members = groups.shares(heads, side, machine.muscles, HIP_FLEXORS)
    return {
        "flexors": sum(active[name] for name in members),
        "rest": sum(resting[name] for name in members),
        "agonists": sum(torque for torque in active.values() if torque > 0.0),
    }


def table(runner: Path, arms: list[str], doses: list[str], side: str = "both") -> str:
    """CSV of hip flexion torque for each arm, dose and hip angle; side both shows the right leg."""
    legs = groups.sides(side)
    lines = [HEADER]
    for arm in arms:
        for dose in doses:
            machine = Dynamometer(Path(runner) / "runner.osim")
            for name, factor in strength.factors(runner, arm, dose, side).items():
                machine.scale(name, factor)
            for angle in HIP_DEG:
                found = hip_flexion(machine, angle, legs[0])
                flexors, agonists = found["flexors"], found["agonists"]
                lines.append(
                    f"{arm},{float(dose):g},{side},{angle:g},{KNEE_DEG:g},{flexors:.3f},"
                    f"{flexors / machine.mass:.4f},{found['rest']:.3f},{agonists:.3f},"
                    f"{agonists / machine.mass:.4f}"
                )
    return "\n".join(lines) + "\n"


def joined(tables: list[Path]) -> str:
    """CSV of several runners' tables, with the name of each one's folder as column `runner`."""
    lines = [f"{HEADER},runner"]
    for path in tables:
        _, *rows = path.read_text("utf-8").splitlines()
        lines += [f"{row},{escape(path.parent.name)}" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Command line: write the table of a runner, or join those of several."""
    parser = argparse.ArgumentParser(description="Isometric hip flexion torque by dose.")
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--runner", type=Path, help="folder of the runner")
    task.add_argument("--join", type=Path, nargs="+", help="tables of runners, to make one of")
    parser.add_argument("--arms", nargs="+", default=[], help="muscle groups")
    parser.add_argument("--doses", nargs="+", default=[], help="percent, several")
    parser.add_argument("--side", default="both", help="both, right or left")
    parser.add_argument("--out", type=Path, required=True, help="file to write (.csv)")
    arguments = parser.parse_args()
    if arguments.join:
        write_text(arguments.out, joined(arguments.join))
        return
    if not arguments.arms or not arguments.doses:
        parser.error("--runner needs --arms and --doses")
    write_text(
        arguments.out, table(arguments.runner, arguments.arms, arguments.doses, arguments.side)
    )


if __name__ == "__main__":
    run_command(main)
