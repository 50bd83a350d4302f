"""Elastic bands: in OpenSim an ExpressionBasedPointToPointForce, in the description a Band.

The expression is the tension as a function of the distance d between the two points, smooth and
never negative: BAND_FORM, summed over the hinges.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from formats import description as d
from formats.files import write_text
from models.osim import document

BAND = "ExpressionBasedPointToPointForce"
_NUMBER = r"\(([-+0-9.eE]+)\)"
_HINGE = re.compile(
    rf"{_NUMBER}\*\(\(d-{_NUMBER}\)\+sqrt\(\(d-{_NUMBER}\)\^2\+{_NUMBER}\^2\)\)(?:\+|$)"
)
BAND_FORM = "(k/2)*((d-(l))+sqrt((d-(l))^2+(rounding)^2))"


def expression(hinges: list[d.Hinge], rounding: float) -> str:
    """Tension (N) in terms of the distance d (m): BAND_FORM for each hinge."""
    terms = []
    for hinge in hinges:
        stretch = f"d-({hinge.length!r})"
        terms.append(
            f"({hinge.stiffness / 2!r})*(({stretch})+sqrt(({stretch})^2+({rounding!r})^2))"
        )
    return "+".join(terms)


def parse(text: str) -> tuple[list[d.Hinge], float] | None:
    """Hinges and rounding of an expression in BAND_FORM, or None if it has another form."""
    bare = re.sub(r"\s", "", text)
    found = list(_HINGE.finditer(bare))
    numbers = [tuple(map(float, match.groups())) for match in found]
    whole = sum(len(match.group()) for match in found) == len(bare) and not bare.endswith("+")
    if not numbers or not whole or len({rounding for *_, rounding in numbers}) != 1:
        return None
    if any(length != again for _, length, again, _ in numbers):
        return None
    hinges = [d.Hinge(length=length, stiffness=2 * half) for half, length, _, _ in numbers]
    return hinges, numbers[0][3]


def described(force: Any) -> d.Band:
    """A band of an OpenSim model. Raises ValueError for an expression of another form."""
    name = force.getName()
    found = parse(force.get_expression())
    if found is None:
        raise ValueError(
            f"force {name}: expression {force.get_expression()!r} is not supported; allowed is the "
            f"form {BAND_FORM}, and a sum of such"
        )
    ends = [
        d.BandEnd(body=body.rsplit("/", 1)[-1], location=[point.get(i) for i in range(3)])
        for body, point in (
            (force.getBody1Name(), force.getPoint1()),
            (force.getBody2Name(), force.getPoint2()),
        )
    ]
    return d.Band(
        name=name,
        force_path=force.getAbsolutePathString(),
        first=ends[0],
        second=ends[1],
        hinges=found[0],
        rounding=found[1],
    )


def element(band: d.Band) -> ET.Element:
    """The band as a force of an .osim file."""
    made = document.element(BAND, band.name, expression=expression(band.hinges, band.rounding))
    for i, end in ((1, band.first), (2, band.second)):
        path = "/ground" if end.body == "ground" else f"/bodyset/{end.body}"
        ET.SubElement(made, f"body{i}").text = path
        ET.SubElement(made, f"point{i}").text = " ".join(repr(x) for x in end.location)
    return made


def add(runner: Path, band: d.Band) -> None:
    """Put a band into runner.osim and runner.json of a folder, both alike.

    Raises ValueError for a body that the runner has not, or a name that it has already.
    """
    runner = Path(runner)
    description = d.read(runner / "runner.json")
    bodies = {"ground", *(body.name for body in description.bodies)}
    for end in (band.first, band.second):
        if end.body not in bodies:
            raise ValueError(f"{runner}: no body {end.body}, which the band {band.name} pulls at")
    if any(other.name == band.name for other in description.bands):
        raise ValueError(f"{runner}: it has a band {band.name} already")
    tree = document.parse(runner / "runner.osim")
    document.components(tree, "ForceSet").append(element(band))
    changed = description.model_copy(update={"bands": [*description.bands, band]})
    document.save(tree, runner / "runner.osim")
    write_text(runner / "runner.json", changed.model_dump_json(indent=2) + "\n")
