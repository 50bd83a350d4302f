"""AddBiomechanics' .b3d: a person's model and trials in one file, unpacked to OpenSim's own files.

The file (nimblephysics' SubjectOnDisk): the length of its head (8 bytes, little endian), the head,
then for each trial and frame one message of the sensors and one for each processing pass. All are
protobuf messages; those of a kind are of one size, which the head says. Of the passes the last one
with dynamics is taken: its forces are those of feet, in the ground's frame, y up.

A frame names no coordinates. They stand as nimblephysics' skeleton has them: down the tree of
joints from the ground, a body's children in the order of the model's joints, all below a child
before the next; within a joint as the model's text lists them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from formats.files import write_text
from formats.storage import as_storage
from formats.text import checked
from formats.untrusted import check_xml

SUFFIX = ".b3d"
_LARGEST_MB = 2000
_HEAD = struct.Struct("<q")
_KINEMATICS = 0  # the only type of pass that knows no forces
_FORCE, _POINT, _TORQUE = (
    "ground_contact_force",
    "ground_contact_center_of_pressure",
    "ground_contact_torque",
)
# Of each message the fields that are read: name, number, type (another message by its name); [] is
# a list of them.
_MESSAGES: dict[str, tuple[tuple[str, int, str], ...]] = {
    "Frame": (
        ("pos", 1, "double[]"),
        (_POINT, 6, "double[]"),
        (_TORQUE, 7, "double[]"),
        (_FORCE, 8, "double[]"),
    ),
    "TrialPass": (("type", 1, "int32"),),
    "Trial": (
        ("name", 1, "string"),
        ("missing_GRF_reason", 2, "int32[]"),
        ("trial_length", 3, "int32"),
        ("trial_timestep", 4, "double"),
        ("processing_pass_header", 5, "TrialPass[]"),
    ),
    "Pass": (("pass_type", 1, "int32"), ("model_osim_text", 2, "string")),
    "Head": (
        ("num_dofs", 1, "int32"),
        ("raw_sensor_frame_size", 3, "int32"),
        ("processing_pass_frame_size", 4, "int32"),
        ("passes", 5, "Pass[]"),
        ("ground_contact_body", 6, "string[]"),
        ("trial_header", 9, "Trial[]"),
    ),
}


@dataclass(frozen=True)
class Trial:
    """A trial of N frames: coordinates (rad, m; C x N) and, of each body on the ground, force (N),
    point (m) and free torque (N m; 3 x N each) in the ground's frame.

    unsure: spans (s) in which AddBiomechanics holds the measured force for missing or wrong.
    """

    name: str
    time: np.ndarray
    coordinates: np.ndarray
    forces: dict[str, dict[str, np.ndarray]]
    unsure: list[tuple[float, float]]


def _classes() -> dict[str, type[Message]]:
    field = descriptor_pb2.FieldDescriptorProto
    types = {"double": field.TYPE_DOUBLE, "int32": field.TYPE_INT32, "string": field.TYPE_STRING}
    file = descriptor_pb2.FileDescriptorProto(name="b3d.proto", package="b3d", syntax="proto3")
    for message, fields in _MESSAGES.items():
        made = file.message_type.add(name=message)
        for name, number, said in fields:
            kind = said.removesuffix("[]")
            one = made.field.add(name=name, number=number, type=types.get(kind, field.TYPE_MESSAGE))
            one.label = field.LABEL_OPTIONAL if kind == said else field.LABEL_REPEATED
            if kind not in types:
                one.type_name = f".b3d.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"b3d.{name}"))
        for name in _MESSAGES
    }


def unpack(path: Path, folder: Path) -> list[str]:
    """Write a .b3d file's model and trials to `folder` as OpenSim files; what to tell of it.

    Raises ValueError, one line, where the file is broken or holds no trial with ground forces.
    """
    checked(path, _LARGEST_MB)
    with path.open("rb") as file:
        head = _head(path, file)
        chosen = _pass(path, head)
        model = folder / "model.osim"
        write_text(model, head.passes[chosen].model_osim_text)
        try:
            check_xml(model)
        except ValueError as error:
            raise ValueError(str(error).replace(str(model), f"{path}: its model")) from None
        every, free = coordinates(model)
        names = every if len(every) == head.num_dofs else free
        if len(names) != head.num_dofs:
            raise ValueError(
                f"{path}: its model has {len(every)} coordinates, its frames {head.num_dofs}; take "
                "the OpenSim files of the trial from AddBiomechanics (folders Models, IK and ID)"
            )
        told = []
        for trial in _trials(path, file, head, chosen, names):
            _write(trial, names, folder)
            told += [
                f"{trial.name}: {start:.2f} to {end:.2f} s: AddBiomechanics holds the force for "
                "missing or wrong there; start and end in runner.yaml leave it out"
                for start, end in trial.unsure
            ]
    return told


def coordinates(model: Path) -> tuple[list[str], list[str]]:
    """A model's coordinates in the order of nimblephysics' skeleton: all; and those that no other
    drives, for nimblephysics leaves a coupled patella out."""
    root = ElementTree.parse(model).getroot()
    children: dict[str, list[tuple[str, list[str]]]] = {}
    for parent, child, names in _joints(root):
        children.setdefault(parent, []).append((child, names))
    order: list[str] = []
    below, seen = [("ground", list[str]())], set[str]()
    while below:
        body, names = below.pop()
        if body in seen:
            continue
        seen.add(body)
        order += names
        below += reversed(children.get(body, []))
    coupled = {
        name.text.strip()
        for name in root.iterfind(".//CoordinateCouplerConstraint/dependent_coordinate_name")
        if name.text
    }
    return order, [name for name in order if name not in coupled]


def _joints(root: ElementTree.Element) -> Iterator[tuple[str, str, list[str]]]:
    """Parent, child and coordinates of each joint, of OpenSim 4's documents and of 3's."""
    for joint in root.iterfind(".//JointSet/objects/*"):
        bodies = {
            frame.get("name", ""): frame.findtext("socket_parent", "").split("/")[-1]
            for frame in joint.iterfind("frames/*")
        }
        ends = []
        for end in ("parent", "child"):
            name = joint.findtext(f"socket_{end}_frame", "").split("/")[-1]
            ends.append(bodies.get(name, name))
        yield ends[0], ends[1], _listed(joint.find("coordinates"))
    for body in root.iterfind(".//BodySet/objects/Body"):
        for joint in body.iterfind("Joint/*"):
            parent = joint.findtext("parent_body", "").strip()
            yield parent, body.get("name", ""), _listed(joint.find("CoordinateSet/objects"))


def _listed(coordinates: ElementTree.Element | None) -> list[str]:
    return [one.get("name", "") for one in coordinates] if coordinates is not None else []


def _head(path: Path, file: BinaryIO) -> Any:
    size = path.stat().st_size
    start = file.read(_HEAD.size)
    length = _HEAD.unpack(start)[0] if len(start) == _HEAD.size else -1
    if not 0 < length <= size - _HEAD.size:
        raise ValueError(f"{path}: no {SUFFIX} file of AddBiomechanics, or cut off")
    head: Any = CLASSES["Head"]()
    try:
        head.ParseFromString(file.read(length))
    except DecodeError:
        raise ValueError(f"{path}: no {SUFFIX} file of AddBiomechanics, or broken") from None
    sizes = head.raw_sensor_frame_size, head.processing_pass_frame_size
    frames = sum(
        max(t.trial_length, 0) * (sizes[0] + len(t.processing_pass_header) * sizes[1])
        for t in head.trial_header
    )
    if min(sizes) < 0 or frames > size - _HEAD.size - length:
        raise ValueError(
            f"{path}: cut off; its frames would take {frames} bytes more than its head"
        )
    return head


def _pass(path: Path, head: Any) -> int:
    """The last pass with dynamics that a trial went through."""
    most = max((len(t.processing_pass_header) for t in head.trial_header), default=0)
    for number in reversed(range(min(most, len(head.passes)))):
        if head.passes[number].pass_type != _KINEMATICS:
            return number
    raise ValueError(
        f"{path}: none of its trials went through AddBiomechanics' dynamics: it holds no force of "
        "a foot"
    )


def _trials(
    path: Path, file: BinaryIO, head: Any, chosen: int, names: list[str]
) -> Iterator[Trial]:
    bodies = list(head.ground_contact_body)
    sensors, one = head.raw_sensor_frame_size, head.processing_pass_frame_size
    at, used = file.tell(), set[str]()
    for trial in head.trial_header:
        frame = sensors + len(trial.processing_pass_header) * one
        start, at = at, at + trial.trial_length * frame
        if len(trial.processing_pass_header) <= chosen or trial.trial_length < 1:
            continue
        if not trial.trial_timestep > 0.0:
            raise ValueError(f"{path}: trial {trial.name!r} has no step of time")
        rows: dict[str, list[list[float]]] = {}
        wide = {"pos": len(names), **dict.fromkeys((_FORCE, _POINT, _TORQUE), 3 * len(bodies))}
        for number in range(trial.trial_length):
            file.seek(start + number * frame + sensors + chosen * one)
            said: Any = CLASSES["Frame"]()
            try:
                said.ParseFromString(file.read(one))
            except DecodeError:
                raise ValueError(f"{path}: trial {trial.name!r}: frame {number} broken") from None
            for field, width in wide.items():
                values = list(getattr(said, field))
                if len(values) != width:
                    raise ValueError(
                        f"{path}: trial {trial.name!r}, frame {number}: {len(values)} numbers of "
                        f"{field}, {width} expected"
                    )
                rows.setdefault(field, []).append(values)
        table = {field: np.array(values).T for field, values in rows.items()}
        time = trial.trial_timestep * np.arange(trial.trial_length)
        forces = {
            body: {field: table[field][3 * i : 3 * i + 3] for field in (_FORCE, _POINT, _TORQUE)}
            for i, body in enumerate(bodies)
        }
        plain = re.sub(r"[^A-Za-z0-9]+", "_", trial.name).strip("_").lower() or "trial"
        name = next(n for n in chain([plain], (f"{plain}_{i}" for i in count(2))) if n not in used)
        used.add(name)
        unsure = _spans(time, np.array(trial.missing_GRF_reason)[: len(time)] != 0)
        yield Trial(name, time, table["pos"], forces, unsure)


def _spans(time: np.ndarray, marked: np.ndarray) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(int), [0]])))
    return [(float(time[a]), float(time[b - 1])) for a, b in edges.reshape(-1, 2)]


def _write(trial: Trial, names: list[str], folder: Path) -> None:
    motion = {"time": trial.time, **dict(zip(names, trial.coordinates, strict=True))}
    write_text(folder / f"{trial.name}_ik.mot", as_storage("motion", motion, False))
    forces = {"time": trial.time}
    for body, parts in trial.forces.items():
        for field, stem in (
            (_FORCE, "force_{}_v"),
            (_POINT, "force_{}_p"),
            (_TORQUE, "torque_{}_"),
        ):
            for axis, row in zip("xyz", parts[field], strict=True):
                forces[f"ground_{stem.format(body)}{axis}"] = row
    write_text(folder / f"{trial.name}_grf.mot", as_storage("forces", forces, False))


CLASSES = _classes()
