"""The smallest measured runner: a pelvis in the plane on two legs that are feet."""

from __future__ import annotations

from typing import Any

from formats.description import RunnerDescription

PELVIS_MASS, LEG_MASS, LEG_CENTER, LEG_INERTIA = 50.0, 10.0, 0.4, 0.6
ARMS = {"flexor": 0.05, "extensor": -0.06, "second_flexor": 0.03}
FORCES = {"flexor": 4000.0, "extensor": 5000.0, "second_flexor": 3000.0}
FIBER, SLACK = 0.10, 0.20


def _frame() -> dict[str, Any]:
    return {"translation": [0.0, 0.0, 0.0], "rotation": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}


def _joint(name: str, parent: str, child: str, turn: str, slides: tuple[str, ...]) -> Any:
    move = {"type": "linear", "slope": 1.0, "intercept": 0.0}
    still = {"type": "constant", "value": 0.0}

    def axis(direction: list[int], coordinate: str | None) -> dict[str, Any]:
        return {
            "axis": direction,
            "coordinate": coordinate,
            "function": move if coordinate else still,
        }

    x, y = slides or (None, None)
    return {
        "name": name, "kind": "CustomJoint", "parent": parent, "child": child,
        "parent_frame": _frame(), "child_frame": _frame(),
        "rotations": [axis([0, 0, 1], turn), axis([0, 1, 0], None), axis([1, 0, 0], None)],
        "translations": [axis([1, 0, 0], x), axis([0, 1, 0], y), axis([0, 0, 1], None)],
    }  # fmt: skip


def _coordinate(name: str, joint: str, mirror: str, kind: str) -> dict[str, Any]:
    return {
        "name": name, "joint": joint, "motion": kind, "range": [-3.0, 10.0], "default": 0.0,
        "mirror": mirror, "mirror_sign": 1,
    }  # fmt: skip


def _muscle(name: str, side: str, compliant: bool, strength: float) -> dict[str, Any]:
    other = "l" if side == "r" else "r"
    return {
        "name": f"{name}_{side}", "force_path": f"/forceset/{name}_{side}",
        "mirror": f"{name}_{other}", "max_isometric_force": FORCES[name] * strength,
        "optimal_fiber_length": FIBER, "tendon_slack_length": SLACK,
        "pennation_angle_at_optimal": 0.0, "max_contraction_velocity": 15.0,
        "activation_time_constant": 0.015, "deactivation_time_constant": 0.06,
        "active_force_width_scale": 1.0, "fiber_damping": 0.0,
        "passive_fiber_strain_at_one_norm_force": 0.6, "tendon_strain_at_one_norm_force": 0.049,
        "ignore_passive_fiber_force": True, "compliant_tendon": compliant, "min_control": 0.01,
        "max_control": 1.0, "mass": 0.5, "volume": FORCES[name] * FIBER,
        "ratio_slow_twitch_fibers": 0.5,
        "path": {
            "coordinates": [f"hip_flexion_{side}"], "order": 1,
            "coefficients": [FIBER + SLACK, -ARMS[name]],
            "length_rms": 0.0, "moment_arm_rms": 0.0,
        },
    }  # fmt: skip


def runner(
    muscles: tuple[str, ...] = ("flexor", "extensor"),
    *,
    compliant: bool = True,
    strength: float = 1.0,
    reserves: bool = True,
) -> RunnerDescription:
    """The runner; reserves on both hips, or none."""
    sides = (("r", "l"), ("l", "r"))
    inertia = [0.1, 0.1, LEG_INERTIA, 0.0, 0.0, 0.0]
    content = {
        "name": "two_feet",
        "model_mass": PELVIS_MASS + 2 * LEG_MASS,
        "leg_length": 0.9,
        "gravity": [0.0, -9.80665, 0.0],
        "coordinates": [
            _coordinate("pelvis_tilt", "base", "pelvis_tilt", "rotational"),
            _coordinate("pelvis_tx", "base", "pelvis_tx", "translational"),
            _coordinate("pelvis_ty", "base", "pelvis_ty", "translational"),
            *(
                _coordinate(f"hip_flexion_{s}", f"hip_{s}", f"hip_flexion_{o}", "rotational")
                for s, o in sides
            ),
        ],
        "couplings": [],
        "bodies": [
            {
                "name": "pelvis", "mass": PELVIS_MASS, "mass_center": [0.0, 0.0, 0.0],
                "inertia": [1.0, 1.0, 1.0, 0.0, 0.0, 0.0],
            },
            *(
                {
                    "name": f"calcn_{s}", "mass": LEG_MASS,
                    "mass_center": [0.0, -LEG_CENTER, 0.0], "inertia": inertia,
                }
                for s, _ in sides
            ),
        ],
        "joints": [
            _joint("base", "ground", "pelvis", "pelvis_tilt", ("pelvis_tx", "pelvis_ty")),
            *(_joint(f"hip_{s}", "pelvis", f"calcn_{s}", f"hip_flexion_{s}", ()) for s, _ in sides),
        ],
        "muscles": [_muscle(m, s, compliant, strength) for m in muscles for s, _ in sides],
        "contacts": [],
        "actuators": [
            {
                "name": f"reserve_hip_flexion_{s}", "coordinate": f"hip_flexion_{s}",
                "force_path": f"/forceset/reserve_hip_flexion_{s}",
                "mirror": f"reserve_hip_flexion_{o}", "mirror_sign": 1, "optimal_force": 10.0,
                "min_control": -1.0, "max_control": 1.0,
            }
            for s, o in (sides if reserves else ())
        ],
        "passive": [],
    }  # fmt: skip
    return RunnerDescription.model_validate(content)
