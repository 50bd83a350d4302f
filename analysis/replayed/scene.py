"""scene.json: a case's stride as the viewer and the film show it, small. No OpenSim here.

A frame every STEP_PERCENT of the right stride from initial contact, moving forward with the runner
at the running speed, so that the stride closes. Ground frame (forward, up, right). Arrays are whole
numbers of 16 bits (base64, little endian) in the unit that `UNITS` gives.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, cast

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


class PackedBone(TypedDict):
    """A bone of scene.json: points and radii, m, to a tenth of a millimetre."""

    body: str
    points: list[list[float]]
    radii: list[float]


class Packed(TypedDict):
    """scene.json: a `Scene`; its arrays as base64, `units` what one step of each is."""

    stride_time: float
    speed: float
    weight: float
    bodies: list[str]
    muscles: list[str]
    counts: list[int]
    strength: list[float]
    version: int
    step_percent: int
    units: dict[str, float]
    bones: list[PackedBone]
    translation: str
    rotation: str
    paths: str
    activation: str
    tendon_force: str
    hip_force: str
    hip_centre: str
    ground_force: str
    ground_place: str


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


def packed(one: Scene) -> Packed:
    """A scene as JSON. ValueError if a number is too large for its unit."""
    return {
        "stride_time": one.stride_time,
        "speed": one.speed,
        "weight": one.weight,
        "bodies": one.bodies,
        "muscles": one.muscles,
        "counts": one.counts,
        "strength": one.strength,
        "version": VERSION,
        "step_percent": STEP_PERCENT,
        "units": UNITS,
        "bones": [
            {
                "body": bone.body,
                "points": np.round(bone.points, 4).tolist(),
                "radii": np.round(bone.radii, 4).tolist(),
            }
            for bone in one.bones
        ],
        "translation": _steps("translation", one.translation),
        "rotation": _steps("rotation", one.rotation),
        "paths": _steps("paths", one.paths),
        "activation": _steps("activation", one.activation),
        "tendon_force": _steps("tendon_force", one.tendon_force),
        "hip_force": _steps("hip_force", one.hip_force),
        "hip_centre": _steps("hip_centre", one.hip_centre),
        "ground_force": _steps("ground_force", one.ground_force),
        "ground_place": _steps("ground_place", one.ground_place),
    }


def _steps(name: str, values: np.ndarray) -> str:
    """An array in the steps of its unit, base64."""
    steps = np.round(values / UNITS[name])
    if not np.all(np.abs(steps) < 2**15):  # also where it is not a number
        raise ValueError(f"{name}: a value is no number or beyond {2**15 * UNITS[name]:g}")
    return base64.b64encode(steps.astype("<i2").tobytes()).decode()


def _values(name: str, steps: str) -> np.ndarray:
    """The array of `_steps`, (F, k, width), or (F, k) of single numbers."""
    flat = np.frombuffer(base64.b64decode(steps, validate=True), "<i2") * UNITS[name]
    width = WIDTHS.get(name, 3)
    return flat.reshape((len(PERCENT), -1, width) if width > 1 else (len(PERCENT), -1))


def unpacked(content: Packed, where: str | Path = FILE) -> Scene:
    """The scene of a JSON object. ValueError, one line naming `where`, if it is none."""
    if content.get("version") != VERSION:
        raise ValueError(f"{where}: version is {content.get('version')!r}; {VERSION} is needed")
    try:
        found = Scene(
            stride_time=content["stride_time"],
            speed=content["speed"],
            weight=content["weight"],
            bodies=content["bodies"],
            bones=[
                Bone(one["body"], np.array(one["points"]), np.array(one["radii"]))
                for one in content["bones"]
            ],
            muscles=content["muscles"],
            counts=content["counts"],
            strength=content["strength"],
            translation=_values("translation", content["translation"]),
            rotation=_values("rotation", content["rotation"]),
            paths=_values("paths", content["paths"]),
            activation=_values("activation", content["activation"]),
            tendon_force=_values("tendon_force", content["tendon_force"]),
            hip_force=_values("hip_force", content["hip_force"]),
            hip_centre=_values("hip_centre", content["hip_centre"]),
            ground_force=_values("ground_force", content["ground_force"]),
            ground_place=_values("ground_place", content["ground_place"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{where}: no scene ({error})") from None
    wanted = {"translation": len(found.bodies), "paths": sum(found.counts)}
    wanted |= {"activation": len(found.muscles), "hip_force": len(SIDES)}
    for name, count in wanted.items():
        if getattr(found, name).shape[1] != count:
            raise ValueError(f"{where}: {name} has {getattr(found, name).shape[1]}, not {count}")
    return found


def stored(folder: Path) -> Packed:
    """What a case's folder holds, not looked into. ValueError, one line, if it has no scene."""
    path = Path(folder) / FILE
    content = read_json(path)
    if not content:
        raise ValueError(f"{path}: empty: the case has no stride")
    return cast(Packed, content)


def read(folder: Path) -> Scene:
    """The scene of a case's folder. ValueError, one line, if it has none."""
    return unpacked(stored(folder), Path(folder) / FILE)


def write(folder: Path, one: Scene | None) -> None:
    """Write scene.json; of a case without a stride an empty object."""
    text = "{}" if one is None else json.dumps(packed(one), allow_nan=False)
    write_text(Path(folder) / FILE, f"{text}\n")
