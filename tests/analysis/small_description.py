"""The small runner as runner.json describes it, its path polynomials fitted to its own lengths."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import opensim

from formats.files import write_json
from tests.analysis.small_runner import (
    BODIES,
    CONTACT,
    COUPLING,
    HEEL,
    MASS,
    MUSCLES,
    ORIGINS,
    RANGES,
    SPHERES,
    SPRINGS,
    build,
    mirrored,
    posture,
)


def _frame(where=(0.0, 0.0, 0.0), flipped=False):  # type: ignore[no-untyped-def]
    turn = [[-1.0, 0, 0], [0, 1.0, 0], [0, 0, -1.0]] if flipped else np.eye(3).tolist()
    return {"translation": [float(x) for x in where], "rotation": turn}


def _axes(rotation=None, translations=()):  # type: ignore[no-untyped-def]
    """Spatial transform with one rotation about z and translations along x and y."""
    still = {"type": "constant", "value": 0.0}
    move = {"type": "linear", "slope": 1.0, "intercept": 0.0}

    def axis(vector, coordinate):  # type: ignore[no-untyped-def]
        return {"axis": vector, "coordinate": coordinate, "function": move if coordinate else still}

    z = [*translations, None, None, None]
    return {
        "rotations": [axis([0, 0, 1], rotation), axis([0, 1, 0], None), axis([1, 0, 0], None)],
        "translations": [axis([1, 0, 0], z[0]), axis([0, 1, 0], z[1]), axis([0, 0, 1], None)],
    }


def _joint(name, parent, child, coordinate, where=(0, 0, 0), **more):  # type: ignore[no-untyped-def]
    return {
        "name": name, "kind": more.get("kind", "PinJoint"), "parent": parent, "child": child,
        "parent_frame": _frame(where, more.get("flipped", False)),
        "child_frame": _frame(more.get("inner", (0, 0, 0)), more.get("flipped", False)),
        **_axes(coordinate, more.get("translations", ())),
    }  # fmt: skip


def _fit(model: opensim.Model, state, muscle: str, names: list[str]) -> dict:  # type: ignore[type-arg,no-untyped-def]
    """Fourth-order polynomial of the length over the coordinates' ranges."""
    generator = np.random.default_rng(1)
    order = 6
    low = np.array([RANGES[n[:-2]][0] for n in names])
    high = np.array([RANGES[n[:-2]][1] for n in names])
    q = generator.uniform(low, high, (300 * len(names), len(names)))
    lengths = []
    path = opensim.Muscle.safeDownCast(model.getComponent(f"/forceset/{muscle}")).getPath()
    for row in q:
        posture(model, state, dict(zip(names, row, strict=True)))
        lengths.append(path.getLength(state))
    powers = [p for p in itertools.product(range(order + 1), repeat=len(names)) if sum(p) <= order]
    terms = np.stack([np.prod(q ** np.array(p), axis=1) for p in powers], axis=1)
    solution = np.linalg.lstsq(terms, np.array(lengths), rcond=None)[0]
    error = float(np.sqrt(np.mean((terms @ solution - lengths) ** 2)))
    return {"coordinates": names, "order": order, "coefficients": solution.tolist(),
            "length_rms": error, "moment_arm_rms": 0.0}  # fmt: skip


def _coordinate(name: str, joint: str, side: str = "") -> dict:  # type: ignore[type-arg]
    other = {"r": "_l", "l": "_r", "": ""}[side]
    return {
        "name": f"{name}_{side}" if side else name, "joint": joint,
        "motion": "translational" if name.endswith(("tx", "ty")) else "rotational",
        "range": list(RANGES[name]), "default": 0.0, "mirror": name + other, "mirror_sign": 1,
    }  # fmt: skip


def _body(kind: str, name: str) -> dict:  # type: ignore[type-arg]
    mass, centre, inertia = BODIES[kind]
    return {"name": name, "mass": mass, "mass_center": list(centre), "inertia": [*inertia, 0, 0, 0]}


def describe(model: opensim.Model) -> dict:  # type: ignore[type-arg]
    """The model's description, as runner.json holds it."""
    state = model.initSystem()
    still = opensim.DeGrooteFregly2016Muscle.safeDownCast
    out: dict = {  # type: ignore[type-arg]
        "schema_version": 1, "name": "small", "model_mass": model.getTotalMass(state),
        "leg_length": 0.83, "gravity": model.getGravity().to_numpy().tolist(),
        "coordinates": [_coordinate(n, "ground_pelvis") for n in list(RANGES)[:3]]
        + [_coordinate("lumbar_extension", "back")],
        "couplings": [], "bodies": [_body("pelvis", "pelvis"), _body("torso", "torso")],
        "joints": [
            _joint("ground_pelvis", "ground", "pelvis", "pelvis_tilt", kind="PlanarJoint",
                   translations=("pelvis_tx", "pelvis_ty")),
            _joint("back", "pelvis", "torso", "lumbar_extension", (-0.1, 0.08, 0)),
        ],
        "muscles": [], "contacts": [], "passive": [],
        "actuators": [{
            "name": "lumbar", "force_path": "/forceset/lumbar", "mirror": "lumbar",
            "mirror_sign": 1, "coordinate": "lumbar_extension", "optimal_force": 100.0,
            "min_control": -1.0, "max_control": 1.0}],
    }  # fmt: skip
    for s, o in (("r", "l"), ("l", "r")):
        for name, joint in (("hip_flexion", "hip"), ("knee_angle", "walker_knee"),
                            ("ankle_angle", "ankle")):  # fmt: skip
            out["coordinates"].append(_coordinate(name, f"{joint}_{s}", s))
        out["couplings"].append({
            "dependent": f"knee_angle_{s}_beta", "joint": f"patellofemoral_{s}",
            "independent": f"knee_angle_{s}",
            "function": {"type": "polynomial", "coefficients": list(COUPLING)}})  # fmt: skip
        out["bodies"] += [_body(k, f"{k}_{s}") for k in ("femur", "patella", "tibia", "calcn")]
        thigh, shank = f"femur_{s}", f"tibia_{s}"
        out["joints"] += [
            _joint(f"hip_{s}", "pelvis", thigh, f"hip_flexion_{s}", mirrored(ORIGINS["hip"], s)),
            _joint(f"walker_knee_{s}", thigh, shank, f"knee_angle_{s}", ORIGINS["walker_knee"],
                   flipped=True),
            _joint(f"patellofemoral_{s}", thigh, f"patella_{s}", f"knee_angle_{s}_beta",
                   (0.045, -0.40, 0), flipped=True),
            _joint(f"ankle_{s}", shank, f"calcn_{s}", f"ankle_angle_{s}", ORIGINS["ankle"],
                   inner=tuple(-np.array(HEEL))),
        ]  # fmt: skip
        for name, (*_, names) in MUSCLES.items():
            m = still(model.getComponent(f"/forceset/{name}_{s}"))
            out["muscles"].append({
                "name": f"{name}_{s}", "force_path": f"/forceset/{name}_{s}",
                "mirror": f"{name}_{o}", "max_isometric_force": m.get_max_isometric_force(),
                "optimal_fiber_length": m.get_optimal_fiber_length(),
                "tendon_slack_length": m.get_tendon_slack_length(),
                "pennation_angle_at_optimal": m.get_pennation_angle_at_optimal(),
                "max_contraction_velocity": m.get_max_contraction_velocity(),
                "activation_time_constant": m.get_activation_time_constant(),
                "deactivation_time_constant": m.get_deactivation_time_constant(),
                "active_force_width_scale": m.get_active_force_width_scale(),
                "fiber_damping": m.get_fiber_damping(),
                "passive_fiber_strain_at_one_norm_force":
                    m.get_passive_fiber_strain_at_one_norm_force(),
                "tendon_strain_at_one_norm_force": m.get_tendon_strain_at_one_norm_force(),
                "ignore_passive_fiber_force": False, "compliant_tendon": True,
                "min_control": 0.01, "max_control": 1.0, "mass": MASS[name],
                "volume": m.get_max_isometric_force() * m.get_optimal_fiber_length(),
                "ratio_slow_twitch_fibers": 0.5,
                "path": _fit(model, state, f"{name}_{s}", [f"{c}_{s}" for c in names]),
            })  # fmt: skip
        for spot, where in SPHERES.items():
            out["contacts"].append({
                "name": f"{spot}_{s}", "force_path": f"/forceset/contact_{spot}_{s}",
                "body": f"calcn_{s}", "location": list(where), "radius": 0.03,
                "plane_origin": [0, 0, 0], "plane_normal": [0, 1, 0], **CONTACT,
                "constant_contact_force": 1e-5, "hertz_smoothing": 300.0,
                "hunt_crossley_smoothing": 50.0})  # fmt: skip
    for name, (stiffness, viscosity) in SPRINGS.items():
        for coordinate in [name] if name.startswith("lumbar") else [f"{name}_r", f"{name}_l"]:
            out["passive"].append({
                "type": "spring", "name": f"passive_{coordinate}", "coordinate": coordinate,
                "stiffness": stiffness, "rest_length": 0.0, "viscosity": viscosity})  # fmt: skip
    return out


def write(folder: Path) -> None:
    """Write runner.osim and runner.json into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    model = build()
    model.printToXML(str(folder / "runner.osim"))
    write_json(folder / "runner.json", describe(model))
