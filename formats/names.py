"""Names that every stage shares: sides, joints, feet, and OpenSim's own of states."""

from __future__ import annotations

SIDES = ("r", "l")
"""Endings of names on the right and the left, after an underscore."""
JOINTS = {"hip": "hip_flexion", "knee": "knee_angle", "ankle": "ankle_angle"}
"""The leg's joints by the coordinate that flexes each, without its side."""
FOOT = "calcn"
"""The body, without its side, on which the ground's force acts."""
TENDON_RATE = "implicitderiv_normalized_tendon_force"
"""OpenSim's discrete variable of a compliant tendon in implicit mode: d force / dt, 1/s."""
FEET = {side: f"{FOOT}_{side}" for side in SIDES}
"""Those bodies by side."""
