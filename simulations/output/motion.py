"""A solution as a whole stride, in files that OpenSim opens.

motion.sto        states at absolute paths (rad, m, normalised force), dependent coordinates too
controls.sto      excitations and actuator controls
derivatives.sto   accelerations and tendon-force rates, for the certificate
ground_forces.mot force, centre of pressure and free torque of each foot, with its ExternalLoads XML
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import casadi as ca
import numpy as np
import pandas as pd

from formats.description import RunnerDescription
from formats.files import write_text
from formats.names import FEET, TENDON_RATE
from formats.storage import write_storage
from simulations.collocation.layout import AXES, SIDES, Layout
from simulations.equations.multibody import contact_wrenches, coordinate_motions, place_bodies
from simulations.problems.problem import Problem

FILES = (
    "motion.sto",
    "controls.sto",
    "derivatives.sto",
    "ground_forces.mot",
    "ground_forces.xml",
)
DIGITS = 15
"""Of the numbers in a motion's tables."""
# Forward, up, right: reflection in the sagittal plane.
_REFLECTED = np.array([1.0, 1.0, -1.0])


@dataclass(frozen=True)
class Stride:
    """A whole stride: time (nodes), and physical values of every unknown (nz x nodes)."""

    time: np.ndarray
    values: np.ndarray
    layout: Layout

    def block(self, name: str) -> np.ndarray:
        """Values of a block (size x nodes)."""
        return self.values[self.layout.block(name)]


def unroll(problem: Problem, x: np.ndarray) -> Stride:
    """The simulated span, followed by its mirror image where it is half a stride."""
    program, runner = problem.program, problem.runner
    layout = program.layout
    duration, z = program.unpack(x)
    values = z * layout.scale[:, None]
    time = program.scheme.phase * duration
    if program.spans == 1:
        return Stride(time, values, layout)
    image = mirrored(runner, layout, values)
    for i, coordinate in enumerate(runner.coordinates):
        if coordinate.name == "pelvis_tx":
            image[layout.block("q")[i]] += problem.speed * duration
    return Stride(
        np.concatenate([time, duration + time[1:]]),
        np.concatenate([values, image[:, 1:]], axis=1),
        layout,
    )


def mirrored(runner: RunnerDescription, layout: Layout, values: np.ndarray) -> np.ndarray:
    """Node values with left and right exchanged (reflection in the sagittal plane)."""
    image = values.copy()

    def exchange(blocks: str, names: list[str], mirrors: list[str], signs: list[int]) -> None:
        source = [names.index(m) for m in mirrors]
        for block in blocks.split():
            own = layout.block(block)
            if len(own):
                image[own] = values[own[source]] * np.array(signs)[:, None]

    coordinates, muscles, actuators = runner.coordinates, runner.muscles, runner.actuators
    compliant = [muscles[i] for i in layout.compliant]
    exchange(
        "q u du",
        [c.name for c in coordinates],
        [c.mirror for c in coordinates],
        [c.mirror_sign for c in coordinates],
    )
    exchange("a e", [m.name for m in muscles], [m.mirror for m in muscles], [1] * len(muscles))
    exchange(
        "F dF", [m.name for m in compliant], [m.mirror for m in compliant], [1] * len(compliant)
    )
    exchange(
        "c",
        [a.name for a in actuators],
        [a.mirror for a in actuators],
        [a.mirror_sign for a in actuators],
    )
    if layout.grounded:
        own = layout.block("G").reshape(len(SIDES), AXES)
        image[own] = values[own[::-1]] * _REFLECTED[None, :, None]
    return image


def write(folder: Path, runner: RunnerDescription, stride: Stride, ground: pd.DataFrame) -> None:
    """Write the files into a case folder, each whole or not at all. ground: its forces' table."""
    folder = Path(folder)
    write_storage(folder / "motion.sto", _states(runner, stride), DIGITS)
    write_storage(folder / "controls.sto", _controls(runner, stride), DIGITS)
    write_storage(folder / "derivatives.sto", _derivatives(runner, stride), DIGITS)
    write_storage(folder / "ground_forces.mot", ground, DIGITS)
    write_text(folder / "ground_forces.xml", external_loads())


def _kinematics(
    runner: RunnerDescription, q: np.ndarray, u: np.ndarray, du: np.ndarray
) -> dict[str, np.ndarray]:
    """Value, speed and acceleration (3 x nodes) of every coordinate, dependent ones included."""
    n, nodes = q.shape
    symbols = [ca.SX.sym(name, n) for name in ("q", "u", "du")]
    motions = coordinate_motions(runner, *symbols)
    stacked = ca.horzcat(*[ca.vertcat(m.value, m.speed, m.acceleration) for m in motions.values()])
    table = ca.Function("kinematics", symbols, [ca.densify(stacked)])
    result = np.array(table.map(nodes)(q, u, du)).reshape(3, nodes, len(motions))
    return {name: result[:, :, i] for i, name in enumerate(motions)}


def kinematics_table(
    runner: RunnerDescription, time: np.ndarray, q: np.ndarray, u: np.ndarray, du: np.ndarray
) -> pd.DataFrame:
    """Values and speeds of all coordinates, dependent ones too, at their absolute state paths."""
    table = {"time": time}
    joints = _joint_of(runner)
    for name, moved in _kinematics(runner, q, u, du).items():
        table[f"/jointset/{joints[name]}/{name}/value"] = moved[0]
        table[f"/jointset/{joints[name]}/{name}/speed"] = moved[1]
    return pd.DataFrame(table)


def _joint_of(runner: RunnerDescription) -> dict[str, str]:
    joints = {c.name: c.joint for c in runner.coordinates}
    return joints | {c.dependent: c.joint for c in runner.couplings}


def _states(runner: RunnerDescription, stride: Stride) -> pd.DataFrame:
    motion = (stride.block(name) for name in ("q", "u", "du"))
    table = {}
    for i, muscle in enumerate(runner.muscles):
        table[f"{muscle.force_path}/activation"] = stride.block("a")[i]
    for i, m in enumerate(stride.layout.compliant):
        path = f"{runner.muscles[m].force_path}/normalized_tendon_force"
        table[path] = stride.block("F")[i]
    moved = kinematics_table(runner, stride.time, *motion)
    return pd.concat([moved, pd.DataFrame(table)], axis=1)


def _controls(runner: RunnerDescription, stride: Stride) -> pd.DataFrame:
    table = {"time": stride.time}
    for i, muscle in enumerate(runner.muscles):
        table[muscle.force_path] = stride.block("e")[i]
    for i, actuator in enumerate(runner.actuators):
        table[actuator.force_path] = stride.block("c")[i]
    return pd.DataFrame(table)


def _derivatives(runner: RunnerDescription, stride: Stride) -> pd.DataFrame:
    table = {"time": stride.time}
    joints = _joint_of(runner)
    motion = (stride.block(name) for name in ("q", "u", "du"))
    for name, moved in _kinematics(runner, *motion).items():
        table[f"/jointset/{joints[name]}/{name}/accel"] = moved[2]
    for i, m in enumerate(stride.layout.compliant):
        path = f"{runner.muscles[m].force_path}/{TENDON_RATE}"
        table[path] = stride.block("dF")[i]
    return pd.DataFrame(table)


def ground_forces(runner: RunnerDescription, stride: Stride) -> pd.DataFrame:
    """Force (N), centre of pressure on the plane y = 0 (m) and free torque (N m) of each foot."""
    n = len(runner.coordinates)
    q, u = ca.SX.sym("q", n), ca.SX.sym("u", n)
    bodies, _ = place_bodies(runner, q, u, ca.SX.zeros(n))
    contacts = contact_wrenches(runner, bodies)
    outputs = []
    for side in FEET:
        force, moment = ca.SX.zeros(3), ca.SX.zeros(3)
        for contact in contacts:
            if contact.body.endswith(f"_{side}"):
                force += contact.force
                moment += ca.cross(contact.point, contact.force)
        outputs.append(ca.vertcat(force, moment))
    evaluate = ca.Function("ground", [q, u], [ca.densify(ca.vertcat(*outputs))])
    both = np.array(evaluate.map(stride.time.size)(stride.block("q"), stride.block("u")))
    return ground_table(stride.time, dict(zip(FEET, (both[:6], both[6:]), strict=True)))


def ground_table(time: np.ndarray, wrenches: dict[str, np.ndarray]) -> pd.DataFrame:
    """Table of ground_forces.mot from each foot's force and moment about the origin (6 x nodes)."""
    table = {"time": time}
    for side, wrench in wrenches.items():
        table |= _foot_columns(side, wrench[:3], wrench[3:])
    return pd.DataFrame(table)


def _foot_columns(side: str, force: np.ndarray, moment: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of one foot from its force and its moment about the origin (3 x nodes each)."""
    # Where the vertical force is next to nothing its centre of pressure has no meaning.
    loaded = force[1] > 1.0
    vertical = np.where(loaded, force[1], 1.0)
    x = np.where(loaded, moment[2] / vertical, 0.0)
    z = np.where(loaded, -moment[0] / vertical, 0.0)
    torque = moment - np.cross(np.stack([x, 0 * x, z]), force, axis=0)
    name = f"ground_force_{side}"
    columns: dict[str, np.ndarray] = {}
    for axis, values in zip("xyz", force, strict=True):
        columns[f"{name}_v{axis}"] = values
    for axis, values in zip("xyz", (x, 0 * x, z), strict=True):
        columns[f"{name}_p{axis}"] = values
    for axis, values in zip("xyz", torque, strict=True):
        columns[f"ground_torque_{side}_{axis}"] = values
    return columns


def external_loads() -> str:
    """ExternalLoads XML that applies ground_forces.mot to the feet."""
    entries = "".join(
        f"""
            <ExternalForce name="{side}">
                <applied_to_body>{body}</applied_to_body>
                <force_expressed_in_body>ground</force_expressed_in_body>
                <point_expressed_in_body>ground</point_expressed_in_body>
                <force_identifier>ground_force_{side}_v</force_identifier>
                <point_identifier>ground_force_{side}_p</point_identifier>
                <torque_identifier>ground_torque_{side}_</torque_identifier>
            </ExternalForce>"""
        for side, body in FEET.items()
    )
    return f"""<?xml version="1.0" encoding="UTF-8" ?>
<OpenSimDocument Version="40600">
    <ExternalLoads name="ground_forces">
        <objects>{entries}
        </objects>
        <groups />
        <datafile>ground_forces.mot</datafile>
    </ExternalLoads>
</OpenSimDocument>
"""
