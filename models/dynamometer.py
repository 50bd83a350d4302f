"""A virtual dynamometer: maximal isometric hip torque against hip angle, by dose.

What is measured is flexion, or extension of an arm whose muscles extend the hip (column movement);
muscles that turn the hip the other way, joint limits and springs are left out. The passive force of
the muscles' own fibres is contained, and given beside it. Of flexion the group is hip_flexors,
whatever the arm; of extension it is the arm's own muscles.
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
FLEXION, EXTENSION = "flexion", "extension"
HEADER = (
    "arm,dose_percent,side,hip_flexion_deg,knee_flexion_deg,torque_nm,torque_nm_kg,"
    "rest_torque_nm,all_agonists_torque_nm,all_agonists_torque_nm_kg,movement"
)


def hip_flexion(machine: Dynamometer, hip_deg: float, side: str) -> dict[str, float]:
    """Maximal isometric hip flexion torque (Nm) of one leg (side r or l), knee at 90 deg.

    flexors: of the group hip_flexors; rest: the same muscles' torque when not active (contained in
    flexors); agonists: of every muscle that flexes the hip in this posture.
    """
    found = hip_torque(machine, hip_deg, side, HIP_FLEXORS)
    return {"flexors": found["group"], "rest": found["rest"], "agonists": found["agonists"]}


def hip_torque(
    machine: Dynamometer, hip_deg: float, side: str, group: str, movement: str = FLEXION
) -> dict[str, float]:
    """Maximal isometric torque (Nm, positive) of one leg in a movement, knee at 90 deg.

    group: of the muscle group alone; rest: when it is not active (contained in group); agonists: of
    every muscle that turns the hip that way in this posture.
    """
    sign = 1.0 if movement == FLEXION else -1.0
    about = f"hip_flexion_{side}"
    knee = f"knee_angle_{side}"
    posture = {about: hip_deg, knee: machine.possible(knee, KNEE_DEG)}
    active = machine.torques(about, posture)
    resting = machine.torques(about, posture, activation=REST)
    members = groups.shares(groups.arm(group)["muscles"], side, machine.muscles, group)
    return {
        "group": sign * sum(active[name] for name in members),
        "rest": sign * sum(resting[name] for name in members),
        "agonists": sum(sign * torque for torque in active.values() if sign * torque > 0.0),
    }


def movement_of(machine: Dynamometer, arm: str, side: str) -> str:
    """What an arm's muscles do at the hip, trunk and thigh in line: flexion or extension."""
    heads = groups.arm(arm)["muscles"]
    members = groups.shares(heads, side, machine.muscles, arm)
    about = f"hip_flexion_{side}"
    knee = f"knee_angle_{side}"
    torques = machine.torques(about, {about: 0.0, knee: machine.possible(knee, KNEE_DEG)})
    return EXTENSION if sum(torques[name] for name in members) < 0.0 else FLEXION


def table(runner: Path, arms: list[str], doses: list[str], side: str = "both") -> str:
    """CSV of hip torque for each arm, dose and hip angle; side both shows the right leg."""
    legs = groups.sides(side)
    lines = [HEADER]
    for arm in arms:
        moves = movement_of(Dynamometer(Path(runner) / "runner.osim"), arm, legs[0])
        group = HIP_FLEXORS if moves == FLEXION else arm
        for dose in doses:
            machine = Dynamometer(Path(runner) / "runner.osim")
            for name, factor in strength.factors(runner, arm, dose, side).items():
                machine.scale(name, factor)
            for angle in HIP_DEG:
                found = hip_torque(machine, angle, legs[0], group, moves)
                torque, agonists = found["group"], found["agonists"]
                lines.append(
                    f"{arm},{float(dose):g},{side},{angle:g},{KNEE_DEG:g},{torque:.3f},"
                    f"{torque / machine.mass:.4f},{found['rest']:.3f},{agonists:.3f},"
                    f"{agonists / machine.mass:.4f},{moves}"
                )
    return "\n".join(lines) + "\n"


def joined(tables: list[Path]) -> str:
    """CSV of several runners' tables, with the name of each one's folder as column `runner`.

    ValueError if one has other columns, made by another version.
    """
    lines = [f"{HEADER},runner"]
    for path in tables:
        header, *rows = path.read_text("utf-8").splitlines()
        if header != HEADER:
            raise ValueError(f"{path}: made by another version; delete it, and it is made again")
        lines += [f"{row},{escape(path.parent.name)}" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Command line: write the table of a runner, or join those of several."""
    parser = argparse.ArgumentParser(description="Isometric hip torque by dose.")
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
