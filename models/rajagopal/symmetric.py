"""A model whose left side is the mirror image of its right one.

Half a stride followed by its mirror image is a stride of such a runner only. Published models
differ here and there between the sides (Hamner 2010: fibre lengths of vastus intermedius, a point
of each trunk muscle, the upper arm's mass centre), by too little to mean a person's asymmetry and
by enough to fail a certificate. What differs on the left is exchanged for the right side's image,
z reversed.
"""

from __future__ import annotations

import copy
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import numpy as np

from formats.description import Muscle, Path_, RunnerDescription
from models.osim import document
from models.paths.polynomial import exponents

_RIGHT = re.compile(r"_r(?![A-Za-z0-9])")
_SAME = 1e-6
_POINTS = ("PathPoint", "ConditionalPathPoint", "MovingPathPoint")


def mirror(tree: document.Tree, known: RunnerDescription) -> tuple[RunnerDescription, list[str]]:
    """Change `tree`, and the muscles of its description `known` alike; tells what was changed.

    Bodies and joints of the description are to be read from the changed model. Raises ValueError
    for a path point whose image this cannot make.
    """
    changed = _bodies(document.components(tree, "BodySet"))
    changed += _frames(document.components(tree, "JointSet"))
    muscles = {muscle.name: muscle for muscle in known.muscles}
    forces = document.components(tree, "ForceSet")
    for right in known.muscles:
        left = muscles[right.mirror]
        wanted = _image(right, left, known)
        if not right.name.endswith("_r") or _alike(wanted, left):
            continue
        old = document.named(forces, left.name, "muscle")
        place = list(forces).index(old)
        forces.remove(old)
        forces.insert(place, _reflected(document.named(forces, right.name, "muscle")))
        muscles[left.name] = wanted
        changed.append(left.name)
    told = known.model_copy(update={"muscles": [muscles[m.name] for m in known.muscles]})
    return told, changed


def _numbers(text: str | None) -> np.ndarray:
    return np.array([float(part) for part in (text or "").split()])


def _set_if_new(component: ET.Element, name: str, value: np.ndarray) -> bool:
    if np.allclose(_numbers(component.findtext(name)), value, rtol=0, atol=1e-9):
        return False
    document.set_property(component, name, tuple(map(float, value)))
    return True


def _pairs(elements: ET.Element) -> Iterator[tuple[ET.Element, ET.Element]]:
    """Right and left of all that has both."""
    own = {element.get("name", ""): element for element in elements}
    for name, right in own.items():
        left = own.get(_RIGHT.sub("_l", name)) if name.endswith("_r") else None
        if left is not None:
            yield right, left


def _bodies(bodies: ET.Element) -> list[str]:
    """Left bodies get the right ones' mass, centre and inertia (xx yy zz xy xz yz)."""
    changed = []
    for right, left in _pairs(bodies):
        signs = {"mass": [1.0], "mass_center": [1, 1, -1], "inertia": [1, 1, 1, 1, -1, -1]}
        new = [_set_if_new(left, k, _numbers(right.findtext(k)) * s) for k, s in signs.items()]
        if any(new):
            changed.append(left.get("name", ""))
    return changed


def _frames(joints: ET.Element) -> list[str]:
    """Left joints stand in their bodies where the right ones do."""
    changed = []
    for right, left in _pairs(joints):
        new = []
        for socket in ("parent_frame", "child_frame"):
            frames = [document.offset_frame(joint, socket) for joint in (right, left)]
            translation = _numbers(frames[0].findtext("translation")) * [1, 1, -1]
            new.append(_set_if_new(frames[1], "translation", translation))
        if any(new):
            changed.append(left.get("name", ""))
    return changed


def _image(right: Muscle, left: Muscle, runner: RunnerDescription) -> Muscle:
    """The right muscle's image, under the left one's name."""
    coordinates = {c.name: c for c in runner.coordinates}
    path = right.path
    signs = np.array([coordinates[name].mirror_sign for name in path.coordinates], dtype=float)
    terms = np.prod(signs ** exponents(len(signs), path.order), axis=1)
    reflected = Path_(
        coordinates=[coordinates[name].mirror for name in path.coordinates],
        order=path.order,
        coefficients=[float(c * t) for c, t in zip(path.coefficients, terms, strict=True)],
        length_rms=path.length_rms,
        moment_arm_rms=path.moment_arm_rms,
    )
    named = {key: getattr(left, key) for key in ("name", "mirror", "force_path")}
    return right.model_copy(update={**named, "path": reflected})


def _alike(one: Muscle, other: Muscle) -> bool:
    """Whether two muscles are the same but for rounding."""
    a, b = (m.model_dump(exclude={"path"}) for m in (one, other))
    for key, value in a.items():
        numeric = isinstance(value, float)
        if value != b[key] and not (numeric and np.isclose(value, b[key], rtol=_SAME, atol=0)):
            return False
    if one.path.coordinates != other.path.coordinates or one.path.order != other.path.order:
        return False
    return np.allclose(one.path.coefficients, other.path.coefficients, rtol=0, atol=_SAME)


def _reflected(right: ET.Element) -> ET.Element:
    """A right muscle's element as the left one's."""
    left = copy.deepcopy(right)
    for part in left.iter():
        if "name" in part.attrib:
            part.set("name", _RIGHT.sub("_l", part.attrib["name"]))
        if part.text:
            part.text = _RIGHT.sub("_l", part.text)
    points = left.find("GeometryPath/PathPointSet/objects")
    for point in [] if points is None else points:
        if point.tag not in _POINTS:
            raise ValueError(f"path point {point.get('name')}: {point.tag} has no image here")
        if point.tag == "MovingPathPoint":
            _reflect_moving(point)
        else:
            x, y, z = _numbers(point.findtext("location"))
            document.set_property(point, "location", (float(x), float(y), float(-z)))
    return left


def _reflect_moving(point: ET.Element) -> None:
    splines = list(point.iterfind("z_location/SimmSpline/y"))
    constants = list(point.iterfind("z_location/Constant/value"))
    if len(splines) + len(constants) != 1:
        raise ValueError(f"path point {point.get('name')}: its z_location has no image here")
    for values in splines + constants:
        values.text = document.text_of(tuple(float(-v) for v in _numbers(values.text)))
