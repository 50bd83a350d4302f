"""OpenSim model files as XML trees: load, save, and the few edits the runners need.

Joints and muscles cannot be exchanged for other types through OpenSim's Python interface; in the
file they can, and OpenSim checks the result when it reads it back.
"""

from __future__ import annotations

import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

import opensim as osim

from formats.files import move
from formats.untrusted import check_xml

osim.Logger.setLevelString("error")

Tree: TypeAlias = "ET.ElementTree[ET.Element]"


def load(path: Path) -> osim.Model:
    """Read a model with OpenSim and start its system. Raises ValueError if OpenSim cannot."""
    if not Path(path).is_file():
        raise ValueError(f"model {path}: no such file; give the path of an .osim file")
    parse(path)
    osim.Logger.setLevelString("critical")  # what goes wrong is in the exception, too
    try:
        model = osim.Model(str(path))
        model.initSystem()
    except RuntimeError as error:
        reason = " ".join(str(error).split("\n\t")[0].split()).split("': ")[-1]
        raise ValueError(f"model {path}: OpenSim refuses it ({reason[:200]})") from None
    finally:
        osim.Logger.setLevelString("error")
    return model


def current(path: Path) -> Tree:
    """The model at `path` as a tree in the present file version, whatever version it came in."""
    model = load(path)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "model.osim"
        model.printToXML(str(copy))
        return parse(copy)


def parse(path: Path) -> Tree:
    """Parse a model file, comments kept. Raises ValueError if it is no OpenSim document."""
    try:
        check_xml(path)
        parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
        tree: Tree = ET.parse(path, parser)
    except ValueError as error:
        raise ValueError(f"model {error}; give the path of an .osim file") from None
    if tree.getroot().tag != "OpenSimDocument" or tree.getroot().find("Model") is None:
        raise ValueError(f"model {path}: not an OpenSim model; give the path of an .osim file")
    return tree


def save(tree: Tree, path: Path) -> None:
    """Let OpenSim read `tree` and write it to `path`, whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        draft, final = Path(folder) / "draft.osim", Path(folder) / "final.osim"
        tree.write(draft, encoding="UTF-8", xml_declaration=True)
        load(draft).printToXML(str(final))
        move(final, path)


def model_of(tree: Tree) -> ET.Element:
    """The Model element of a document."""
    model = tree.getroot().find("Model")
    if model is None:
        raise ValueError("model: the file holds no OpenSim Model")
    return model


def components(tree: Tree, folder: str) -> ET.Element:
    """The <objects> list of a model's set, e.g. 'ForceSet', made if it is missing."""
    model = model_of(tree)
    container = model.find(folder)
    if container is None:
        container = ET.SubElement(model, folder)
    objects = container.find("objects")
    return ET.SubElement(container, "objects") if objects is None else objects


def named(objects: ET.Element, name: str, what: str) -> ET.Element:
    """The child called `name`. Raises ValueError naming `what` is missing."""
    for child in objects:
        if child.get("name") == name:
            return child
    raise ValueError(f"base model: it has no {what} called {name}, which this runner is built from")


def element(tag: str, name: str | None = None, **properties: object) -> ET.Element:
    """A new component with simple properties (numbers, booleans, text, tuples of numbers)."""
    made = ET.Element(tag, {"name": name} if name else {})
    for key, value in properties.items():
        ET.SubElement(made, key).text = text_of(value)
    return made


def text_of(value: object) -> str:
    """A property value as OpenSim writes it: true/false, 17 digits, blanks between numbers."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (tuple, list)):
        return " ".join(text_of(part) for part in value)
    return str(value)


def set_property(component: ET.Element, name: str, value: object) -> None:
    """Set a simple property of a component, made if it is missing."""
    found = component.find(name)
    if found is None:
        found = ET.SubElement(component, name)
    found.text = text_of(value)


def free_coordinates(joint: ET.Element) -> list[str]:
    """Names of the coordinates a joint owns."""
    return [c.get("name", "") for c in joint.iterfind("coordinates/Coordinate")]


def hold_coordinates(joint: ET.Element, keep: Iterable[str]) -> None:
    """Hold all coordinates of a CustomJoint but `keep` at zero, for good."""
    keep = set(keep)
    owner = joint.find("coordinates")
    assert owner is not None
    for coordinate in list(owner):
        if coordinate.get("name") not in keep:
            owner.remove(coordinate)
    for axis in joint.iterfind("SpatialTransform/TransformAxis"):
        used = (axis.findtext("coordinates") or "").split()
        if used and not keep.issuperset(used):
            hold_axis(axis)


def hold_axis(axis: ET.Element) -> None:
    """Let a TransformAxis stay at zero, whatever the coordinates do."""
    set_property(axis, "coordinates", "")
    for child in list(axis):
        if child.get("name") == "function":
            axis.remove(child)
    axis.append(element("Constant", "function", value=0.0))


def offset_frame(joint: ET.Element, socket: str) -> ET.Element:
    """The PhysicalOffsetFrame a joint's 'parent_frame' or 'child_frame' socket is connected to."""
    name = (joint.findtext(f"socket_{socket}") or "").strip()
    for frame in joint.iterfind("frames/PhysicalOffsetFrame"):
        if frame.get("name") == name:
            return frame
    raise ValueError(f"joint {joint.get('name')}: its {socket} is not an offset frame of its own")


def weld(joint: ET.Element, translation: list[float], orientation: list[float]) -> None:
    """Turn any joint into a WeldJoint, its parent frame placed anew in the parent body (m, rad)."""
    parent = offset_frame(joint, "parent_frame")
    set_property(parent, "translation", translation)
    set_property(parent, "orientation", orientation)
    joint.tag = "WeldJoint"
    for tag in ("coordinates", "SpatialTransform"):
        found = joint.find(tag)
        if found is not None:
            joint.remove(found)
