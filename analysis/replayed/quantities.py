"""What OpenSim says of a stride, as arrays: no OpenSim here, and nothing is measured yet.

dynamics and anatomy make them, windows the third; replay.npz keeps them (archive). SI.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BASAL_W_KG = 1.2
"""Basal metabolic rate (Bhargava et al. 2004), W per kg of body mass."""


@dataclass(frozen=True)
class Dynamics:
    """N nodes, n coordinates (names), m muscles (muscle_names).

    acceleration, solver_acceleration (N, n): OpenSim's and the solver's, rad/s2 or m/s2.
    speed (N, n). generalised: (N, n) N or Nm, of muscles, contacts, actuators, passive, and net.
    activation, activation_rate (1/s), equilibrium (tendon minus
    fibre force over maximal force), tendon_force (N), lengthening (m/s, musculotendon), fibre_force
    (N, along the fibre), fibre_velocity (m/s): (N, m); contractile_force, elastic_force,
    damping_force (N, m) N, the three that make fibre_force.
    contact (side -> (N, 3) N), kinetic, potential (N,) J, mass_centre (N, 3) m, metabolic_rate (N,)
    W, gross; metabolic_parts: its parts (N,) W, all muscles, as OpenSim adds them up;
    muscle_metabolic_rate (N, m) W. mass (kg), weight (N).
    """

    names: list[str]
    muscle_names: list[str]
    acceleration: np.ndarray
    solver_acceleration: np.ndarray
    speed: np.ndarray
    generalised: dict[str, np.ndarray]
    activation: np.ndarray
    activation_rate: np.ndarray
    equilibrium: np.ndarray
    tendon_force: np.ndarray
    lengthening: np.ndarray
    fibre_force: np.ndarray
    fibre_velocity: np.ndarray
    contractile_force: np.ndarray
    elastic_force: np.ndarray
    damping_force: np.ndarray
    contact: dict[str, np.ndarray]
    kinetic: np.ndarray
    potential: np.ndarray
    mass_centre: np.ndarray
    metabolic_rate: np.ndarray
    metabolic_parts: dict[str, np.ndarray]
    muscle_metabolic_rate: np.ndarray
    mass: float
    weight: float

    @property
    def muscle_power(self) -> np.ndarray:
        """(N, m) power of fibre and tendon together on the skeleton, W, lifting positive."""
        return -self.tendon_force * self.lengthening

    @property
    def fibre_power(self) -> np.ndarray:
        """(N, m) power of the fibre (active, passive, damping), W, shortening positive."""
        return -self.fibre_force * self.fibre_velocity

    @property
    def muscle_power_parts(self) -> dict[str, np.ndarray]:
        """(N, m) W each, together muscle_power: what contracts, what is stretched, what damps."""
        parts = {
            "contractile": -self.contractile_force * self.fibre_velocity,
            "passive_fibre": -self.elastic_force * self.fibre_velocity,
            "fibre_damping": -self.damping_force * self.fibre_velocity,
        }
        return parts | {"tendon": self.muscle_power - self.fibre_power}

    def coordinate(self, table: np.ndarray, name: str) -> np.ndarray:
        """(N,) column of an (N, n) array."""
        return table[:, self.names.index(name)]


@dataclass(frozen=True)
class Sights:
    """N nodes, B bodies, M muscles, P points of all muscles together; ground frame, SI.

    translation (N, B, 3) m, rotation (N, B, 3, 3): of each body; counts (M,): points of each
    muscle; paths (N, P, 3) m, one muscle after the other from origin to insertion; activation,
    tendon_force (N, M), N, on these paths.
    """

    bodies: list[str]
    translation: np.ndarray
    rotation: np.ndarray
    muscles: list[str]
    counts: list[int]
    paths: np.ndarray
    activation: np.ndarray
    tendon_force: np.ndarray


@dataclass(frozen=True)
class Anatomy:
    """N nodes. Vectors (N, 3), in ground unless said otherwise.

    centres: `hip_r` .. `ankle_l`, joint centres, m; heels: side -> origin of the calcaneus, m.
    segment_angle: `thigh_r` .. (N,) rad, the femur's long axis from the vertical in the sagittal
    plane, forward positive (planar: pelvis tilt + hip flexion). pelvis_angle (N,) rad, backward
    tilt positive, as pelvis_tilt.
    hip_force: side -> force of the femoral head on the acetabulum in the pelvis frame, N.
    tendon_force: side -> force of the iliopsoas tendon on the surface it wraps in front of the hip,
    pelvis frame, N; tendon_offset (N,) m, of its line from the hip's centre (see tendon).
    hip_rotation: side -> (N, 3, 3) femur in pelvis; hip_rate (N, 3) rad/s, its angular velocity
    relative to the pelvis, pelvis frame.
    muscle_moment (N, n): generalised force of the muscles, N or Nm.
    dense_time (M,) s, dense_force: side -> (M, 3) N, contact force between the nodes, in ground.
    points: (N, 3) m, where joints, feet and head are (see positions), in ground.
    missing_at_root: coordinate of the root joint -> (N,) N or Nm, inverse dynamics of the stored
    motion and accelerations less the forces of ground_forces.mot on the calcanei (see root).
    sights: bodies and muscle paths as viewer and film show them (see muscle_paths).
    """

    centres: dict[str, np.ndarray]
    heels: dict[str, np.ndarray]
    segment_angle: dict[str, np.ndarray]
    pelvis_angle: np.ndarray
    hip_force: dict[str, np.ndarray]
    tendon_force: dict[str, np.ndarray]
    tendon_offset: dict[str, np.ndarray]
    hip_rotation: dict[str, np.ndarray]
    hip_rate: dict[str, np.ndarray]
    muscle_moment: np.ndarray
    dense_time: np.ndarray
    dense_force: dict[str, np.ndarray]
    points: dict[str, np.ndarray]
    missing_at_root: dict[str, np.ndarray]
    sights: Sights

    @property
    def dense_vertical(self) -> dict[str, np.ndarray]:
        """Side -> (M,) N, the vertical part of dense_force."""
        return {side: force[:, 1] for side, force in self.dense_force.items()}


@dataclass(frozen=True)
class Windows:
    """Differences at the windows' ends: rotations (rad) and translations (m), rms and worst."""

    count: int
    length_s: float
    rotation_rms_rad: float
    rotation_max_rad: float
    translation_max_m: float
