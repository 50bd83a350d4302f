"""Passive joint torques and torque actuators, from models/parameters."""

from __future__ import annotations

import re

from models.osim import document
from models.rajagopal.tables import settings

LIMIT_KEYS = ("k1", "k2", "q1", "k3", "k4", "q2", "damping")
TORQUE_KEYS = ("k1", "k3", "damping")
"""Those of the keys that a torque is proportional to."""
_NUMBER = r"\(([-+0-9.eE]+)\)"
_LIMIT = re.compile(
    rf"{_NUMBER}\*exp\({_NUMBER}\*\(q-{_NUMBER}\)\)\+{_NUMBER}\*exp\({_NUMBER}\*\(q-{_NUMBER}\)\)"
    rf"-{_NUMBER}\*qdot"
)
LIMIT_FORM = "(k1)*exp((k2)*(q-(q1)))+(k3)*exp((k4)*(q-(q2)))-(damping)*qdot"


def limit_expression(values: dict[str, float]) -> str:
    """Text of an ExpressionBasedCoordinateForce for an exponential limit (LIMIT_FORM)."""
    k1, k2, q1, k3, k4, q2, damping = (f"({float(values[key])!r})" for key in LIMIT_KEYS)
    return f"{k1}*exp({k2}*(q-{q1}))+{k3}*exp({k4}*(q-{q2}))-{damping}*qdot"


def parse_limit(expression: str) -> dict[str, float] | None:
    """The numbers of an expression in LIMIT_FORM, or None if it has another form."""
    found = _LIMIT.fullmatch(re.sub(r"\s", "", expression))
    return dict(zip(LIMIT_KEYS, map(float, found.groups()), strict=True)) if found else None


Numbers = dict[str, dict[str, float]]


def add_passive(tree: document.Tree) -> None:
    """Add springs and exponential limits (models/parameters/passive.yaml)."""
    values = settings("passive")
    add_torques(tree, values["springs"], values["limits"])


def add_torques(
    tree: document.Tree, springs: Numbers, limits: Numbers, midline: Numbers | None = None
) -> None:
    """Add springs and exponential limits: coordinate (without side where both have it) -> numbers.

    midline: limits at coordinates that no side has.
    """
    forces = document.components(tree, "ForceSet")
    for name, spring in springs.items():
        numbers = {key: spring[key] for key in ("stiffness", "rest_length", "viscosity")}
        for coordinate in [f"{name}_r", f"{name}_l"] if spring["sides"] else [name]:
            forces.append(
                document.element(
                    "SpringGeneralizedForce",
                    f"spring_{coordinate}",
                    coordinate=coordinate,
                    **numbers,
                )
            )
    sided = {f"{name}_{side}": limit for name, limit in limits.items() for side in ("r", "l")}
    for coordinate, limit in {**sided, **(midline or {})}.items():
        forces.append(
            document.element(
                "ExpressionBasedCoordinateForce",
                f"limit_{coordinate}",
                coordinate=coordinate,
                expression=limit_expression(limit),
            )
        )


def add_actuators(tree: document.Tree, actuators: dict[str, dict[str, object]]) -> None:
    """Put `actuators` (name -> CoordinateActuator properties) in place of the model's own."""
    forces = document.components(tree, "ForceSet")
    for force in list(forces):
        if force.tag == "CoordinateActuator":
            forces.remove(force)
    for name, properties in actuators.items():
        forces.append(document.element("CoordinateActuator", name, **properties))
