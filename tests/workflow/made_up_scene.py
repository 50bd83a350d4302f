"""A scene of made-up numbers: a pelvis, a thigh and a muscle."""

from __future__ import annotations

import numpy as np

from analysis.replayed import scene
from analysis.replayed.bones import Bone

STRIDE_S, SPEED, WEIGHT_N = 0.7, 3.5, 700.0


def seen(dose: float) -> scene.Scene:
    """A pelvis and a thigh that swings with the dose, a muscle between them, one foot loaded."""
    frames = len(scene.PERCENT)
    phase = 2 * np.pi * scene.PERCENT / 100
    half = 0.5 * (0.4 * np.sin(phase) + dose / 1000)
    rotation = np.zeros((frames, 2, 4))
    rotation[:, 0, 0] = 1.0
    rotation[:, 1, 0], rotation[:, 1, 3] = np.cos(half), np.sin(half)
    hip = np.tile([0.0, 0.9, 0.08], (frames, 1))
    translation = np.stack([hip + [0, 0.1, -0.08], hip], axis=1)
    sides = np.stack([hip, hip * [1, 1, -1]], axis=1)
    turned = scene.matrices(rotation)[:, 1] @ np.array([0.02, -0.3, 0.0])
    push = np.zeros((frames, 2, 3))
    push[:20, 0, 1] = 2 * np.sin(np.pi * np.arange(20) / 20)
    return scene.Scene(
        stride_time=STRIDE_S,
        speed=SPEED,
        weight=WEIGHT_N,
        bodies=["pelvis", "femur_r"],
        bones=[
            Bone("pelvis", np.array([[0, 0, -0.1], [0, 0, 0.1]]), np.array([0.02, 0.02])),
            Bone("femur_r", np.array([[0, 0, 0], [0, -0.4, 0]]), np.array([0.02, 0.015])),
        ],
        muscles=["psoas_r"],
        counts=[2],
        strength=[10 * dose],
        translation=translation,
        rotation=rotation,
        paths=np.stack([hip + [0, 0.1, 0], hip + turned], axis=1),
        activation=(dose / 300 * (1 + np.sin(phase)))[:, None],
        tendon_force=np.full((frames, 1), 100.0),
        hip_force=np.tile([0.5, 3.0, -0.5], (frames, 2, 1)) * [[1, 1, 1], [1, 1, -1]],
        hip_centre=sides,
        ground_force=push,
        ground_place=sides * [1, 0, 1],
    )
