"""A measured stride as the motion that a runner is held to: over ground, closed, symmetric.

The plates' force goes with it, averaged over both feet alike: a motion that was filtered, and is
known to a centimetre at the foot, does not tell how it lands.
"""

from __future__ import annotations

import numpy as np

from formats.description import RunnerDescription
from formats.trial.measured import GRAVITY
from formats.trial.reading import Trial
from formats.trial.strides import Stride
from simulations.problems.reference import Reference

FORWARD = "pelvis_tx"
# Sideways the ground pushes the other foot the other way.
MIRROR = np.array([1.0, 1.0, -1.0])
_SAMPLES = 201


def from_trial(trial: Trial, stride: Stride, runner: RunnerDescription) -> Reference:
    """The motion of a stride as a predicted one can have it.

    A runner who stays on a belt is carried forward with its speed. What a stride does not close is
    taken away evenly along it, and left and right are averaged, half a stride apart: the engine's
    half stride with its mirror image can follow no other. It begins at right contact: a stride of
    the left leg is taken as its mirror image. All coordinates are held alike.
    """
    phase = np.linspace(0.0, 1.0, _SAMPLES)
    time = stride.start + phase * stride.duration
    q = trial.curves.at(time)[[trial.curves.names.index(c.name) for c in runner.coordinates]]
    names = [c.name for c in runner.coordinates]
    speed = trial.settings.speed_m_s
    if FORWARD in names:
        forward = names.index(FORWARD)
        if trial.settings.treadmill:
            q[forward] += speed * (time - time[0])
        # What is left beside an even advance at the speed closes like all else.
        q[forward] -= speed * stride.duration * phase + q[forward, 0]
    q -= (q[:, -1:] - q[:, :1]) * (phase - 0.5)
    if trial.settings.side == "l":
        q = mirrored(runner, q)
    half = (_SAMPLES - 1) // 2
    later = np.roll(q[:, :-1], -half, axis=1)
    q = 0.5 * (q + mirrored(runner, np.concatenate([later, later[:, :1]], axis=1)))
    if FORWARD in names:
        q[forward] += speed * stride.duration * phase - q[forward, 0]
    right = ground_force(trial, stride, phase)
    left = MIRROR[:, None] * ground_force(trial, stride, (phase + 0.5) % 1.0)
    weight = sum(body.mass for body in runner.bodies) * GRAVITY
    ground = np.concatenate([right, left]) / weight
    return Reference(phase, q, stride.duration, ground=ground)


def mirrored(runner: RunnerDescription, q: np.ndarray) -> np.ndarray:
    """Coordinates (nq x samples) with left and right exchanged."""
    names = [c.name for c in runner.coordinates]
    sign = np.array([c.mirror_sign for c in runner.coordinates])[:, None]
    return np.asarray(sign * q[[names.index(c.mirror) for c in runner.coordinates]])


def ground_force(trial: Trial, stride: Stride, phase: np.ndarray) -> np.ndarray:
    """The plates' own force (3 x len(phase), N; forward, up, right) on the stride's foot at phases
    from its contact on, averaged with the other foot's image; a left foot's as if it were right."""

    def force(side: str, at: np.ndarray) -> np.ndarray:
        time = stride.start + at * stride.duration
        rows = trial.forces.feet[side].force
        on_foot = np.stack([np.interp(time, trial.forces.time, row) for row in rows])
        return on_foot if side == "r" else MIRROR[:, None] * on_foot

    own = trial.settings.side
    other = "l" if own == "r" else "r"
    return 0.5 * (force(own, phase) + force(other, (phase + 0.5) % 1.0))


def asymmetry(trial: Trial, stride: Stride, runner: RunnerDescription) -> dict[str, float]:
    """What averaging took away: rms distance of the stride from its symmetric image (rad or m).

    The advance of the pelvis is left out.
    """
    target = from_trial(trial, stride, runner)
    time = stride.start + target.phase * stride.duration
    measured = trial.curves.at(time)
    left = trial.settings.side == "l"
    own = mirrored(runner, target.coordinates) if left else target.coordinates
    return {
        c.name: float(np.sqrt(np.mean((measured[trial.curves.names.index(c.name)] - row) ** 2)))
        for c, row in zip(runner.coordinates, own, strict=True)
        if c.name != FORWARD
    }
