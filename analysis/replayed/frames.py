"""Frames of OpenSim's components in ground, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np


def body_of(frame: Any) -> Any:
    """The body that carries a joint's frame."""
    return frame.findBaseFrame()


def rotation(frame: Any, state: Any) -> np.ndarray:
    """(3, 3) rotation matrix of a frame in ground; its columns are the frame's axes."""
    matrix = frame.getTransformInGround(state).R()
    return np.array([[matrix.get(i, j) for j in range(3)] for i in range(3)])


def spin(frame: Any, state: Any) -> np.ndarray:
    """(3,) angular velocity of a frame in ground, rad/s."""
    return frame.getVelocityInGround(state).get(0).to_numpy()
