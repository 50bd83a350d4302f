"""Muscles of a runner: DeGrooteFregly2016Muscle on the base model's anatomical paths.

De Groote et al. 2016, Ann Biomed Eng 44:2922-2936; parameters of models/parameters.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from models.osim import document
from models.rajagopal.tables import settings, table

Heads = dict[str, list[str]]


def groups_of(name: str) -> Heads:
    """Muscle -> heads it stands for (itself among them), from models/parameters/<name>.csv."""
    return {row["muscle"]: row["heads"].split() for row in table(name)}


def replace_muscles(tree: document.Tree, heads: Heads, rigid_below: float = 0.0) -> None:
    """Leave only the muscles of `heads`, both sides, as DeGrooteFregly2016Muscle.

    A muscle keeps its own path, fibre length, tendon length and pennation (Lai-Uhlrich); its
    maximal isometric force is the sum over its heads. Tendons are compliant, in implicit mode, but
    rigid where slack length / optimal fibre length is below `rigid_below`.
    """
    forces = document.components(tree, "ForceSet")
    made = [
        _muscle(document.named(forces, f"{name}_{side}", "muscle"), name, parts, rigid_below)
        for side in ("r", "l")
        for name, parts in heads.items()
    ]
    for force in list(forces):
        if force.tag.endswith("Muscle"):
            forces.remove(force)
    forces.extend(made)
    for name, radius in settings("paths")["wrap_radii"].items():
        _resize_wraps(tree, name, radius)


def _muscle(old: ET.Element, name: str, parts: list[str], rigid_below: float) -> ET.Element:
    values = {row["muscle"]: row for row in table("lai_uhlrich_2022")}
    model = settings("muscle_model")
    common = dict(model["common"])
    for strain in ("tendon_strain_at_one_norm_force", "passive_fiber_strain_at_one_norm_force"):
        common[strain] = model[strain].get(name, common[strain])
    fiber = float(values[name]["optimal_fiber_length_m"])
    tendon = float(values[name]["tendon_slack_length_m"])
    new = document.element(
        "DeGrooteFregly2016Muscle",
        old.get("name"),
        max_isometric_force=model["max_isometric_force_share"].get(name, 1.0)
        * sum(float(values[part]["max_isometric_force_n"]) for part in parts),
        optimal_fiber_length=fiber,
        tendon_slack_length=tendon,
        pennation_angle_at_optimal=float(values[name]["pennation_angle_at_optimal_rad"]),
        ignore_tendon_compliance=tendon / fiber < rigid_below,
        ignore_activation_dynamics=False,
        ignore_passive_fiber_force=False,
        tendon_compliance_dynamics_mode="implicit",
        **common,
    )
    path = old.find("GeometryPath")
    if path is None:
        raise ValueError(f"muscle {old.get('name')}: it has no GeometryPath, which is needed")
    _drop_wraps(path, settings("paths")["dropped_wraps"].get(name, []))
    new.append(path)
    return new


def _drop_wraps(path: ET.Element, names: list[str]) -> None:
    """Take wraps (names without side) off a path; the wrap objects stay on their bodies."""
    wraps = path.find("PathWrapSet/objects")
    for wrap in list(wraps) if wraps is not None else []:
        if (wrap.findtext("wrap_object") or "").strip()[:-2] in names:
            assert wraps is not None
            wraps.remove(wrap)


def _resize_wraps(tree: document.Tree, name: str, radius: float) -> None:
    """Give the wrap cylinders called `name` (without side) of both sides another radius (m)."""
    for side in ("r", "l"):
        found = [
            wrap
            for wrap in tree.getroot().iter("WrapCylinder")
            if wrap.get("name") == f"{name}_{side}"
        ]
        if len(found) != 1:
            raise ValueError(
                f"wrap cylinder {name}_{side}: the base model has {len(found)}, one is needed"
            )
        document.set_property(found[0], "radius", radius)
