"""Inverse kinematics of measured markers with OpenSim, as a trial's motion.mot.

python -m models.ik --model FILE --markers FILE --out motion.mot [--weights FILE]

The markers are a .trc or a .c3d file; the model holds markers of the same names. weights: a table
marker,weight (comma-separated); 1 where it names none, 0 leaves a marker out. Says how far the
model's markers are from the measured ones.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import opensim as osim

from formats import storage
from formats.files import run_command, write_text
from formats.untrusted import read_table
from models.osim import document
from models.osim.coordinates import free_coordinates
from models.take_in import convert

ACCURACY = 1e-8
# Hicks et al. 2015 (J Biomech Eng 137:020905): total rms below 2 cm, no marker beyond 4 cm.
RMS_WARNED_M, LARGEST_WARNED_M = 0.02, 0.04


@dataclass(frozen=True)
class Tracked:
    """N frames: time (s), free coordinates (rad, m) by name, the markers used, at each frame the
    rms and the largest distance of a marker (m)."""

    time: np.ndarray
    coordinates: dict[str, np.ndarray]
    rotational: set[str]
    markers: list[str]
    rms: np.ndarray
    largest: np.ndarray


def track(model_file: Path, markers_file: Path, weights: dict[str, float]) -> Tracked:
    """Solve inverse kinematics. Raises ValueError, one line, where a file cannot be read or model
    and markers share too few names."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        model = _model(model_file, folder)
        markers = _as_trc(markers_file, folder)
        theirs = list(osim.TimeSeriesTableVec3(str(markers)).getColumnLabels())
        ours = {marker.getName() for marker in model.getMarkerSet()}
        unknown = [name for name in weights if name not in theirs]
        if unknown:
            raise ValueError(f"{markers_file}: it has no marker {unknown[0]}, which has a weight")
        used = [name for name in theirs if name in ours and weights.get(name, 1.0) > 0.0]
        if len(used) < 3:
            raise ValueError(
                f"{model_file}: {len(used)} of its markers are in {markers_file.name}; it has "
                f"{', '.join(sorted(ours)[:6]) or 'none'}, the file {', '.join(theirs[:6])}"
            )
        _run(model, markers, {name: weights.get(name, 1.0) for name in used}, folder)
        motion = storage.read(folder / "motion.mot")
        errors = storage.read(folder / "_ik_marker_errors.sto").columns
        kinds = free_coordinates(model)
    found = {
        name: np.radians(motion.columns[name])
        if kind == "rotational" and motion.degrees
        else motion.columns[name]
        for name, kind in kinds.items()
    }
    return Tracked(
        motion.time,
        found,
        {name for name, kind in kinds.items() if kind == "rotational"},
        used,
        errors["marker_error_RMS"],
        errors["marker_error_max"],
    )


def _model(path: Path, folder: Path) -> osim.Model:
    """The model without forces, which inverse kinematics does not need."""
    tree = document.parse(path)
    convert.repair_controls(tree)
    for name in ("ForceSet", "ControllerSet", "ProbeSet"):
        document.components(tree, name).clear()
    draft = folder / "skeleton.osim"
    tree.write(draft, encoding="UTF-8", xml_declaration=True)
    try:
        return document.load(draft)
    except ValueError as error:
        raise ValueError(str(error).replace(str(draft), str(path))) from None


def _as_trc(path: Path, folder: Path) -> Path:
    """A .trc file of the markers: the file itself, or what OpenSim reads from a .c3d."""
    if not path.is_file():
        raise ValueError(f"{path}: no such file")
    kind = path.suffix.lower()
    if kind not in (".trc", ".c3d"):
        raise ValueError(f"{path}: markers are read from .trc and .c3d files")
    copy = folder / "markers.trc"
    try:
        if kind == ".trc":
            osim.TimeSeriesTableVec3(str(path))
            copy.write_bytes(path.read_bytes())
        else:
            adapter = osim.C3DFileAdapter()
            osim.TRCFileAdapter().write(adapter.getMarkersTable(adapter.read(str(path))), str(copy))
    except (RuntimeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:150]
        raise ValueError(f"{path}: OpenSim does not read it ({reason})") from None
    return copy


def _run(model: osim.Model, markers: Path, weights: dict[str, float], folder: Path) -> None:
    """OpenSim's InverseKinematicsTool; motion.mot and _ik_marker_errors.sto into the folder."""
    tool = osim.InverseKinematicsTool()
    tool.setName("")
    tool.setModel(model)
    tool.set_marker_file(str(markers))
    tool.set_report_errors(True)
    tool.set_accuracy(ACCURACY)
    tool.setResultsDir(str(folder))
    tool.set_output_motion_file(str(folder / "motion.mot"))
    for name, weight in weights.items():
        task = osim.IKMarkerTask()
        task.setName(name)
        task.setWeight(float(weight))
        task.setApply(True)
        tool.upd_IKTaskSet().cloneAndAppend(task)
    osim.Logger.setLevelString("critical")
    try:
        done = tool.run()
    except RuntimeError as error:
        raise ValueError(f"{markers.name}: OpenSim: {' '.join(str(error).split())[:200]}") from None
    finally:
        osim.Logger.setLevelString("error")
    if not done:
        raise ValueError(f"{markers.name}: OpenSim's inverse kinematics did not end")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Inverse kinematics of measured markers.")
    parser.add_argument("--model", type=Path, required=True, help="scaled model with markers")
    parser.add_argument("--markers", type=Path, required=True, help=".trc or .c3d file")
    parser.add_argument("--weights", type=Path, help="table marker,weight")
    parser.add_argument("--out", type=Path, required=True, help="motion.mot to write")
    given = parser.parse_args()
    weights: dict[str, float] = {}
    if given.weights is not None:
        table = read_table(given.weights, ["marker"], ["weight"])
        weights = dict(zip(table["marker"].astype(str), table["weight"].astype(float), strict=True))
    found = track(given.model, given.markers, weights)
    columns = {
        name: np.degrees(values) if name in found.rotational else values
        for name, values in found.coordinates.items()
    }
    text = storage.as_storage("motion", {"time": found.time, **columns}, degrees=True)
    write_text(given.out, text)
    rms, largest = float(np.sqrt(np.mean(found.rms**2))), float(found.largest.max())
    print(
        f"{given.out}: {len(found.time)} frames, {len(found.markers)} markers, {1000 * rms:.1f} mm "
        f"rms, {1000 * largest:.1f} mm at most, at {found.time[np.argmax(found.largest)]:.2f} s"
    )
    if rms > RMS_WARNED_M or largest > LARGEST_WARNED_M:
        print(
            f"warning: markers are off by more than {1000 * RMS_WARNED_M:.0f} mm rms or "
            f"{1000 * LARGEST_WARNED_M:.0f} mm (Hicks et al. 2015): weights, names, or the scaling"
        )


if __name__ == "__main__":
    run_command(main)
