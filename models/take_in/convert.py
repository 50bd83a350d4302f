"""Somebody's muscles as DeGrooteFregly2016Muscle, their paths and parameters kept.

Thelen 2003 (J Biomech Eng 125:70), Millard et al. 2013 (J Biomech Eng 135:021005) and De Groote et
al. 2016 (Ann Biomed Eng 44:2922) mean the same by maximal isometric force, optimal fibre length,
tendon slack length, pennation, time constants, maximal velocity, and the strains at which passive
fibre and tendon bear the maximal isometric force; those are taken over. Shapes of curves are De
Groote's. OpenSim's DeGrooteFregly2016Muscle.replaceMuscles maps the same properties.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NotRequired, TypedDict

import opensim as osim

from models.osim import document
from models.osim.muscle_curves import PASSIVE_EXPONENT
from models.rajagopal.tables import settings

THELEN, MILLARD, DE_GROOTE = (
    "Thelen2003Muscle",
    "Millard2012EquilibriumMuscle",
    "DeGrooteFregly2016Muscle",
)
KINDS = (THELEN, MILLARD, DE_GROOTE)
LEAST_CONTROL = 0.01
# Names of the same quantity in a Thelen muscle; a Millard muscle keeps them in its curves.
_STRAINS = {
    THELEN: ("FmaxMuscleStrain", "FmaxTendonStrain"),
    DE_GROOTE: ("passive_fiber_strain_at_one_norm_force", "tendon_strain_at_one_norm_force"),
}


class MuscleValues(TypedDict):
    """Parameters of a muscle, by DeGrooteFregly2016Muscle's names (SI)."""

    max_isometric_force: float
    optimal_fiber_length: float
    tendon_slack_length: float
    pennation_angle_at_optimal: float
    max_contraction_velocity: float
    activation_time_constant: float
    deactivation_time_constant: float
    passive_fiber_strain_at_one_norm_force: float
    tendon_strain_at_one_norm_force: float
    fiber_damping: float
    active_force_width_scale: float
    ignore_tendon_compliance: bool
    ignore_passive_fiber_force: bool
    min_control: float
    max_control: float


class Taken(TypedDict):
    """What a model's muscle was; off: it was switched off, and is left out (muscle: None)."""

    muscle: str | None
    model_name: str
    was: str
    off: NotRequired[bool]


class Converted(Taken, MuscleValues):
    """A muscle in the report of intake: what it was, and what it became."""


def repair_controls(tree: document.Tree) -> dict[str, float | None]:
    """Raise min_control to 0.01 where it is less or missing: OpenSim 4.6 wants at least a muscle's
    minimum activation. Returns muscle -> what it was."""
    repaired: dict[str, float | None] = {}
    for muscle in tree.getroot().iter():
        if muscle.tag not in KINDS:
            continue
        said = muscle.findtext("min_control")
        value = float(said) if said else None
        if value is None or not value >= LEAST_CONTROL:
            document.set_property(muscle, "min_control", LEAST_CONTROL)
            repaired[muscle.get("name", "")] = value
    repaired.pop("default", None)
    return repaired


def convert_muscles(
    tree: document.Tree, model_file: Path, names: Mapping[str, str], strength: float
) -> list[Taken]:
    """Exchange all muscles of `tree`; returns what each became, for the report of intake.

    model_file: the model as OpenSim reads it, of which values are taken that the file leaves at
    their defaults. names: model's name -> runner's. strength: factor on every muscle's active
    force (strengthen). Muscles that are switched off are left out. Raises ValueError for a kind
    that is not Thelen, Millard or DeGrooteFregly.
    """
    model = document.load(model_file)
    forces = document.components(tree, "ForceSet")
    report: list[Taken] = []
    for force in [f for f in forces if isinstance(f.tag, str)]:
        name = force.get("name", "")
        muscle = osim.Muscle.safeDownCast(model.getForceSet().get(name))
        if muscle is None:
            continue
        if force.tag not in KINDS:
            raise ValueError(
                f"muscle {name}: type {force.tag} is not supported; allowed are {', '.join(KINDS)}"
            )
        place = list(forces).index(force)
        forces.remove(force)
        if muscle.get_appliesForce():
            values = _values(muscle, force.tag)
            strengthen(values, strength)
            made = _made(force, names.get(name, name), values)
            forces.insert(place, made)
            taken: Converted = {
                "muscle": made.get("name"),
                "model_name": name,
                "was": force.tag,
                **values,
            }
            report.append(taken)
        else:
            report.append({"muscle": None, "model_name": name, "was": force.tag, "off": True})
    return report


def strengthen(values: MuscleValues, strength: float) -> None:
    """Scale the active force, and with it the tendon's; the fibre's passive force stays.

    Passive force is exp(4 (l / strain - 1)) of the maximal isometric force at a stretch l beyond
    the optimal length. With the strain that this sets it is in newtons what it was where it was
    the model's maximal isometric force, and within a tenth of that at any less (at 250 %).
    """
    values["max_isometric_force"] *= strength
    values["passive_fiber_strain_at_one_norm_force"] *= PASSIVE_EXPONENT / (
        PASSIVE_EXPONENT - math.log(strength)
    )


def muscle_values(model: osim.Model) -> dict[str, MuscleValues]:
    """Parameters of all muscles of a model that act, by the model's names (SI)."""
    found = {}
    for muscle in model.getMuscleList():
        kind = muscle.getConcreteClassName()
        if kind not in KINDS:
            raise ValueError(
                f"muscle {muscle.getName()}: type {kind} is not supported; allowed are "
                f"{', '.join(KINDS)}"
            )
        if muscle.get_appliesForce():
            found[muscle.getName()] = _values(muscle, kind)
    return found


def _values(muscle: osim.Muscle, kind: str) -> MuscleValues:
    """Parameters of a muscle, by DeGrooteFregly2016Muscle's names (SI)."""
    common = _common()
    own = getattr(osim, kind).safeDownCast(muscle)
    if kind == MILLARD:
        passive = own.get_FiberForceLengthCurve().get_strain_at_one_norm_force()
        tendon = own.get_TendonForceLengthCurve().get_strain_at_one_norm_force()
    else:
        passive, tendon = (getattr(own, f"get_{name}")() for name in _STRAINS[kind])
    damping = own.get_fiber_damping() if kind != THELEN else 0.0
    return {
        "max_isometric_force": own.get_max_isometric_force(),
        "optimal_fiber_length": own.get_optimal_fiber_length(),
        "tendon_slack_length": own.get_tendon_slack_length(),
        "pennation_angle_at_optimal": own.get_pennation_angle_at_optimal(),
        "max_contraction_velocity": own.get_max_contraction_velocity(),
        "activation_time_constant": own.get_activation_time_constant(),
        "deactivation_time_constant": own.get_deactivation_time_constant(),
        "passive_fiber_strain_at_one_norm_force": passive,
        "tendon_strain_at_one_norm_force": tendon,
        # Between the equations of fibre and tendon a little damping is needed, whatever the model.
        "fiber_damping": max(damping, common["fiber_damping"]),
        "active_force_width_scale": (
            own.get_active_force_width_scale()
            if kind == DE_GROOTE
            else common["active_force_width_scale"]
        ),
        "ignore_tendon_compliance": bool(own.get_ignore_tendon_compliance()),
        "ignore_passive_fiber_force": (
            bool(own.get_ignore_passive_fiber_force()) if kind == DE_GROOTE else False
        ),
        "min_control": max(own.getMinControl(), LEAST_CONTROL),
        "max_control": own.getMaxControl(),
    }


@cache
def _common() -> dict[str, float]:
    # A model has some hundred muscles; the file is the same for all.
    return settings("muscle_model")["common"]


def _made(old: ET.Element, name: str, values: MuscleValues) -> ET.Element:
    path = next((part for part in old if str(part.tag).endswith("Path")), None)
    if path is None:
        raise ValueError(f"muscle {old.get('name')}: it has no path, which is needed")
    new = document.element(
        DE_GROOTE,
        name,
        ignore_activation_dynamics=False,
        tendon_compliance_dynamics_mode="implicit",
        **values,
    )
    new.append(path)
    return new
