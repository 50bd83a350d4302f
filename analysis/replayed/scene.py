"""scene.json: a case's stride as the viewer and the film show it, small. No OpenSim here.

A frame every STEP_PERCENT of the right stride from initial contact, moving forward with the runner
at the running speed, so that the stride closes. Ground frame (forward, up, right). Arrays are whole
numbers of 16 bits (base64, little endian) in the unit that `UNITS` gives.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from analysis.replayed.bones import Bone, bones
from analysis.replayed.case import Case, read_json
from analysis.replayed.gait import Cycle
from analysis.replayed.motion import loaded_path
from analysis.replayed.quantities import Anatomy
from formats.files import write_text
from formats.gait_events import THRESHOLD_N, Events
from formats.names import SIDES

FILE = "scene.json"
VERSION = 1
STEP_PERCENT = 2
PERCENT = np.arange(0, 100, STEP_PERCENT)
UNITS = {
    "translation": 1e-4,
    "rotation": 1 / 32767,
    "paths": 1e-4,
    "activation": 1e-4,
    "tendon_force": 1.0,
    "hip_force": 1e-3,
    "hip_centre": 1e-4,
    "ground_force": 1e-3,
    "ground_place": 1e-4,
}
"""What one step of a stored number is: m, 1 (a quaternion's part), m, 1, N, BW, m, BW, m."""
WIDTHS = {"translation": 3, "rotation": 4, "paths": 3, "activation": 1, "tendon_force": 1}
"""Numbers of one item; 3 where nothing is said."""


@dataclass(frozen=True)
class Scene:
    """F frames, B bodies, M muscles, P points of all muscles, sides right and left.

    translation (F, B, 3) m; rotation (F, B, 4) unit quaternion w, x, y, z, body in ground; counts
    (M,), strength (M,) N maximal isometric force; paths (F, P, 3) m; activation (F, M);
    tendon_force (F, M) N; hip_force (F, 2, 3) body weights, of the head on the socket, pelvis
    frame; hip_centre (F, 2, 3) m; ground_force (F, 2, 3) body weights, zero below the threshold;
    ground_place (F, 2, 3) m. stride_time s, speed m/s, weight N.
    """

    stride_time: float
    speed: float
    weight: float
    bodies: list[str]
    bones: list[Bone]
    muscles: list[str]
    counts: list[int]
    strength: list[float]
    translation: np.ndarray = field(repr=False)
    rotation: np.ndarray = field(repr=False)
    paths: np.ndarray = field(repr=False)
    activation: np.ndarray = field(repr=False)
    tendon_force: np.ndarray = field(repr=False)
    hip_force: np.ndarray = field(repr=False)
    hip_centre: np.ndarray = field(repr=False)
    ground_force: np.ndarray = field(repr=False)
    ground_place: np.ndarray = field(repr=False)


def scene(case: Case, anatomy: Anatomy, foot: Events) -> Scene:
    """A case as it is shown. anatomy: of its nodes; foot: the right one's events."""
    sights = anatomy.sights
    cycle = Cycle(case.time, foot.contact, periodic=case.periodic)
    moments = foot.contact + PERCENT / 100 * case.stride_time
    pelvis = sights.translation[:, sights.bodies.index("pelvis")]
    travel = (pelvis[-1] - pelvis[0]) * [1.0, 0.0, 1.0]
    beside = np.outer(case.time / case.stride_time, travel)
    middle = (pelvis - beside)[:-1].mean(axis=0) * [1.0, 0.0, 1.0]

    def seen(points: np.ndarray) -> np.ndarray:
        """(F, k, 3) of (N, k, 3) in ground, by who runs beside."""
        return cycle.force_at(points - beside[:, None] - middle, moments)

    hip_force = np.stack([anatomy.hip_force[side] for side in SIDES], axis=1)
    hip_centre = np.stack([anatomy.centres[f"hip_{side}"] for side in SIDES], axis=1)
    turn = cycle.at(sights.rotation, moments)
    left, _, right = np.linalg.svd(turn)
    weight = case.runner.model_mass * float(np.linalg.norm(case.runner.gravity))
    force = np.stack([case.ground_force(side) for side in SIDES], axis=1)
    push = cycle.force_at(force, moments)
    push = np.where(push[..., 1:2] > THRESHOLD_N, push, 0.0)
    place = np.stack([_place(case, side, moments, cycle) for side in SIDES], axis=1)
    place -= (np.outer((moments % case.stride_time) / case.stride_time, travel) + middle)[:, None]
    return Scene(
        stride_time=case.stride_time,
        speed=case.speed,
        weight=weight,
        bodies=sights.bodies,
        bones=bones(case.runner),
        muscles=sights.muscles,
        counts=sights.counts,
        strength=[muscle.max_isometric_force for muscle in case.runner.muscles],
        translation=seen(sights.translation),
        rotation=quaternions(left @ right),
        paths=seen(sights.paths),
        activation=cycle.force_at(sights.activation, moments),
        tendon_force=cycle.force_at(sights.tendon_force, moments),
        hip_force=cycle.force_at(hip_force, moments) / weight,
        hip_centre=seen(hip_centre),
        ground_force=push / weight,
        ground_place=np.where(push[..., 1:2] > 0, place, 0.0),
    )


def _place(case: Case, side: str, moments: np.ndarray, cycle: Cycle) -> np.ndarray:
    """(F, 3) m in ground, where the ground's force acts; between loaded rows only."""
    vertical = case.ground_force(side)[:, 1]
    return loaded_path(case.time, case.ground_force(side, "point"), vertical, cycle, moments)


def quaternions(matrices: np.ndarray) -> np.ndarray:
    """(F, B, 4) unit quaternions w, x, y, z of rotation matrices (F, B, 3, 3), none jumping.

    The eigenvector of Bar-Itzhack's matrix (2000, J Guid Control Dyn 23:1085); its sign is that of
    the frame before.
    """
    m = matrices
    k = np.zeros((*m.shape[:2], 4, 4))
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    k[..., 0, 0] = xx + yy + zz
    k[..., 1, 1], k[..., 2, 2], k[..., 3, 3] = xx - yy - zz, yy - xx - zz, zz - xx - yy
    for i, a, b in ((1, 2, 1), (2, 0, 2), (3, 1, 0)):
        k[..., 0, i] = k[..., i, 0] = m[..., a, b] - m[..., b, a]
    for i, j in ((1, 2), (1, 3), (2, 3)):
        k[..., i, j] = k[..., j, i] = m[..., i - 1, j - 1] + m[..., j - 1, i - 1]
    found = np.linalg.eigh(k)[1][..., -1]
    for frame in range(1, len(found)):
        same = (found[frame] * found[frame - 1]).sum(axis=-1) >= 0
        found[frame] *= np.where(same, 1.0, -1.0)[:, None]
    return found


def matrices(rotation: np.ndarray) -> np.ndarray:
    """(..., 3, 3) rotation matrices of quaternions (..., 4) w, x, y, z, which need not be unit."""
    w, x, y, z = np.moveaxis(rotation / np.linalg.norm(rotation, axis=-1, keepdims=True), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def packed(one: Scene) -> dict[str, Any]:
    """A scene as JSON. ValueError if a number is too large for its unit."""
    content = {
        name: value
        for name, value in asdict(one).items()
        if not isinstance(value, np.ndarray) and name != "bones"
    }
    content |= {"version": VERSION, "step_percent": STEP_PERCENT, "units": UNITS}
    content["bones"] = [
        {
            "body": bone.body,
            "points": np.round(bone.points, 4).tolist(),
            "radii": np.round(bone.radii, 4).tolist(),
        }
        for bone in one.bones
    ]
    for name, unit in UNITS.items():
        steps = np.round(getattr(one, name) / unit)
        if not np.all(np.abs(steps) < 2**15):  # also where it is not a number
            raise ValueError(f"{name}: a value is no number or beyond {2**15 * unit:g}")
        content[name] = base64.b64encode(steps.astype("<i2").tobytes()).decode()
    return content


def unpacked(content: Mapping[str, Any], where: str | Path = FILE) -> Scene:
    """The scene of a JSON object. ValueError, one line naming `where`, if it is none."""
    if content.get("version") != VERSION:
        raise ValueError(f"{where}: version is {content.get('version')!r}; {VERSION} is needed")
    try:
        arrays: dict[str, Any] = {}
        for name, unit in UNITS.items():
            flat = np.frombuffer(base64.b64decode(content[name], validate=True), "<i2") * unit
            width = WIDTHS.get(name, 3)
            shape = (len(PERCENT), -1, width) if width > 1 else (len(PERCENT), -1)
            arrays[name] = flat.reshape(shape)
        plain: dict[str, Any] = {
            name: content[name]
            for name in ("stride_time", "speed", "weight", "bodies", "muscles", "counts")
        }
        found = Scene(
            **plain,
            strength=content["strength"],
            bones=[
                Bone(one["body"], np.array(one["points"]), np.array(one["radii"]))
                for one in content["bones"]
            ],
            **arrays,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{where}: no scene ({error})") from None
    wanted = {"translation": len(found.bodies), "paths": sum(found.counts)}
    wanted |= {"activation": len(found.muscles), "hip_force": len(SIDES)}
    for name, count in wanted.items():
        if getattr(found, name).shape[1] != count:
            raise ValueError(f"{where}: {name} has {getattr(found, name).shape[1]}, not {count}")
    return found


def read(folder: Path) -> Scene:
    """The scene of a case's folder. ValueError, one line, if it has none."""
    path = Path(folder) / FILE
    content = read_json(path)
    if not content:
        raise ValueError(f"{path}: empty: the case has no stride")
    return unpacked(content, path)


def write(folder: Path, one: Scene | None) -> None:
    """Write scene.json; of a case without a stride an empty object."""
    content = packed(one) if one is not None else {}
    write_text(Path(folder) / FILE, json.dumps(content, allow_nan=False) + "\n")
