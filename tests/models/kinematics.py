"""Where bodies are, computed from a runner description alone: what tests compare OpenSim with."""

from __future__ import annotations

import numpy as np

from formats import description as d
from models.osim.joints import d_value


def rotation(axis: list[float], angle: float) -> np.ndarray:
    """Rodrigues' rotation matrix."""
    x, y, z = np.array(axis) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def transform(rotation_matrix: np.ndarray, translation: np.ndarray) -> np.ndarray:
    """4 x 4 matrix."""
    result = np.eye(4)
    result[:3, :3], result[:3, 3] = rotation_matrix, translation
    return result


def values_of(runner: d.RunnerDescription, q: dict[str, float]) -> dict[str, float]:
    """All coordinates, coupled ones too."""
    full = dict(q)
    for coupling in runner.couplings:
        full[coupling.dependent] = d_value(coupling.function, q[coupling.independent])
    return full


def bodies_in_ground(runner: d.RunnerDescription, q: dict[str, float]) -> dict[str, np.ndarray]:
    """Body name -> 4 x 4 transform in ground."""
    full = values_of(runner, q)
    placed = {"ground": np.eye(4)}
    for joint in runner.joints:
        value = [
            d_value(axis.function, full[axis.coordinate] if axis.coordinate else 0.0)
            for axis in [*joint.rotations, *joint.translations]
        ]
        turned = np.eye(3)
        for axis, angle in zip(joint.rotations, value[:3], strict=True):
            turned = turned @ rotation(axis.axis, angle)
        shifted = sum(
            np.array(axis.axis) * shift
            for axis, shift in zip(joint.translations, value[3:], strict=True)
        )
        frames = [
            transform(np.array(frame.rotation), np.array(frame.translation))
            for frame in (joint.parent_frame, joint.child_frame)
        ]
        placed[joint.child] = (
            placed[joint.parent] @ frames[0] @ transform(turned, shifted) @ np.linalg.inv(frames[1])
        )
    return placed
